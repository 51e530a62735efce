import { useI18n } from 'vue-i18n'
import { api, ask, toProblem } from '@/api/client'
import { usePick } from '@/kit/pick'
import { sayProblem } from '@/kit/undo'
import { bad, good } from './feedback'

/** Looks a scanned code up and opens the order it belongs to; goods and unknown codes are told loudly. */
export function useFind(open: (order: string) => unknown) {
  const { t } = useI18n()
  const pick = usePick()
  return async (code: string): Promise<void> => {
    try {
      const found = await ask(api.GET('/console/v1/station/scan', { params: { query: { code } } }))
      if (found.order_id) {
        good(found.code)
        await open(found.order_id)
      } else bad(found.found === 'sku' ? t('station.isGoods', { what: pick(found.titles) || found.code }) : t('station.unknown', { code }))
    } catch (error) {
      bad(sayProblem(toProblem(error), t))
    }
  }
}
