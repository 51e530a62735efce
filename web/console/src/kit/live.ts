import { onScopeDispose, ref } from 'vue'

/** News of the server: what happened to what. `topic` is the first word of `kind`: `orders`, `stock`, `returns`, … */
export interface News {
  id: string
  kind: string
  topic: string
  subject: Record<string, string>
  at: string
}

type Listener = (news: News) => void

const listeners = new Map<string, Set<Listener>>()
export const connected = ref(false)
let source: EventSource | null = null
let waiting: ReturnType<typeof setTimeout> | undefined

/** Listen as long as this component lives; `topics` such as `orders`, or `*` for all. Many events make one call each. */
export function useLive(topics: string | readonly string[], hear: Listener): void {
  const wanted = typeof topics === 'string' ? [topics] : topics
  for (const topic of wanted) {
    const known = listeners.get(topic) ?? new Set()
    listeners.set(topic, known.add(hear))
  }
  onScopeDispose(() => wanted.forEach((topic) => listeners.get(topic)?.delete(hear)))
}

/** Calls `hear` at most once in `ms`, after the first of a burst of news: for lists that reload themselves. */
export function useLiveReload(topics: string | readonly string[], hear: () => unknown, ms = 800): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  useLive(topics, () => {
    timer ??= setTimeout(() => {
      timer = undefined
      void hear()
    }, ms)
  })
  onScopeDispose(() => clearTimeout(timer))
}

/** Open the stream; the browser resumes it with the last event's id by itself, we only help when it gives up. */
export function connect(): void {
  if (source) return
  source = new EventSource('/console/v1/live')
  source.onopen = () => {
    connected.value = true
  }
  source.onmessage = (event) => tell(event)
  source.onerror = () => {
    connected.value = false
    if (source?.readyState === EventSource.CLOSED) {
      disconnect()
      waiting = setTimeout(connect, 15_000)
    }
  }
}

export function disconnect(): void {
  clearTimeout(waiting)
  source?.close()
  source = null
  connected.value = false
}

function tell(event: MessageEvent<string>): void {
  const said = JSON.parse(event.data) as Omit<News, 'id' | 'topic'>
  const topic = said.kind.split('.')[0] ?? said.kind
  const news: News = { ...said, topic, id: event.lastEventId }
  for (const hear of [...(listeners.get(topic) ?? []), ...(listeners.get('*') ?? [])]) hear(news)
}
