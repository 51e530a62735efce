import type { Language } from 'element-plus/es/locale'
import { shallowRef } from 'vue'
import { createI18n } from 'vue-i18n'
import { carried } from '@/api/client'

export type Lang = 'zh' | 'en'
export const LANGUAGES: readonly Lang[] = ['zh', 'en']

const sources = { zh: () => import('@/messages/zh'), en: () => import('@/messages/en') }
const loaded = new Set<Lang>()
const YEAR = 365 * 24 * 3600

export const elementLocale = shallowRef<Language>()
export const i18n = createI18n({ legacy: false, locale: 'zh', fallbackLocale: false, messages: {}, missingWarn: import.meta.env.DEV })

export function lang(): Lang {
  return i18n.global.locale.value as Lang
}

/** The language the server chose for this page: cookie, then what the browser prefers. */
export function servedLang(): Lang {
  return document.documentElement.lang.startsWith('en') ? 'en' : 'zh'
}

/** Speak this language from now on; the server's answers and the shop's own pages follow by the same cookie. */
export async function speak(wanted: Lang, remember = false): Promise<void> {
  const { messages, element } = (await sources[wanted]()).default
  if (!loaded.has(wanted)) {
    i18n.global.setLocaleMessage(wanted, messages as never)
    loaded.add(wanted)
  }
  i18n.global.locale.value = wanted as never
  elementLocale.value = element
  carried.lang = wanted
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : wanted
  if (remember) document.cookie = `daji_lang=${wanted}; Path=/; Max-Age=${YEAR}; SameSite=Lax`
}
