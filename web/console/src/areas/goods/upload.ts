import { carried, Problem, type Schemas } from '@/api/client'
import { lang } from '@/shell/i18n'

/** Send one file as a form, telling how much of it has gone; `fetch` cannot tell. Throws a Problem. */
export function sendFile<T>(url: string, file: File, heard: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('Accept-Language', lang())
    if (carried.csrf) request.setRequestHeader('X-CSRF-Token', carried.csrf)
    request.upload.onprogress = (event) => event.lengthComputable && heard(event.loaded / event.total)
    request.onerror = () => reject(new Problem({ status: 0, code: 'offline' }))
    request.onload = () => {
      const said = parse(request.responseText)
      if (request.status < 300) resolve(said as T)
      else reject(new Problem({ status: request.status, code: 'unreadable', ...said, requestId: said.request_id as string | undefined }))
    }
    const form = new FormData()
    form.append('file', file)
    request.send(form)
  })
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

export const sendPicture = (file: File, heard: (share: number) => void) => sendFile<Schemas['Media']>('/console/v1/media', file, heard)
export const sendGoods = (file: File, heard: (share: number) => void) => sendFile<Schemas['Upload']>('/console/v1/uploads', file, heard)
