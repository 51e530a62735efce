import { useI18n } from 'vue-i18n'

/** A state, verb or reason in words (`words.<family>.<code>`); the code itself when the server knows newer ones. */
export function useWords() {
  const { t, te, locale } = useI18n()
  function word(family: string, code: string | null | undefined): string {
    if (!code) return ''
    const key = `words.${family}.${code}`
    return te(key) ? t(key) : code.replaceAll('_', ' ')
  }
  /** Who did it, readable: a name, a part of the house, a carrier. */
  function who(by: string): string {
    const [kind, rest] = by.split(/:(.*)/s)
    if (kind === 'carrier') return t('words.by.carrier', { code: word('carrier', rest) })
    // A name is better than the word; an id is worse.
    if (kind === 'staff' && !/^[0-9a-f]{8}-/.test(rest ?? '')) return by
    return kind && te(`words.by.${kind}`) ? t(`words.by.${kind}`) : by
  }
  /** The text in the reader's language, else any. */
  function pick(texts: Record<string, string> | null | undefined): string {
    return texts?.[locale.value] || Object.values(texts ?? {}).find(Boolean) || ''
  }
  return { word, who, pick }
}
