import { useI18n } from 'vue-i18n'
import { api, ask, toProblem } from '@/api/client'
import { usePick } from '@/kit/pick'
import { sayProblem } from '@/kit/undo'
import { bad, good } from './feedback'

/** Looks a scanned code up and opens the order or the delivery it belongs to; other codes are told loudly. */
export function useFind(open: (order: string) => unknown, openNotice?: (notice: string) => unknown) {
  const { t } = useI18n()
  const pick = usePick()
  return async (code: string): Promise<void> => {
    try {
      const found = await ask(api.GET('/console/v1/station/scan', { params: { query: { code } } }))
      if (found.order_id) {
        good(found.code)
        await open(found.order_id)
      } else if (found.notice_id && openNotice) {
        good(found.code)
        await openNotice(found.notice_id)
      } else bad(found.found === 'sku' ? t('station.isGoods', { what: pick(found.titles) || found.code }) : t('station.unknown', { code }))
    } catch (error) {
      bad(sayProblem(toProblem(error), t))
    }
  }
}
