import { useI18n } from 'vue-i18n'

/** The text in the reader's language, else any; empty for nothing. */
export function usePick() {
  const { locale } = useI18n()
  return (texts: Readonly<Record<string, string>> | null | undefined): string => texts?.[locale.value] || Object.values(texts ?? {}).find(Boolean) || ''
}
