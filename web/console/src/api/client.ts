import createClient from 'openapi-fetch'
import { reactive } from 'vue'
import type { components, paths } from './schema'

export type Schemas = components['schemas']

export interface FieldProblem {
  pointer: string
  code: string
  detail: string
}

/** A refusal of the server (RFC 9457), or `offline` when it did not answer. `code` is stable. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly requestId: string
  readonly fields: FieldProblem[]
  readonly retryAfter: number | null

  constructor(given: {
    status: number
    code: string
    title?: string
    detail?: string
    requestId?: string
    fields?: FieldProblem[]
    retryAfter?: number | null
  }) {
    super(given.title || given.code)
    this.status = given.status
    this.code = given.code
    this.title = given.title ?? ''
    this.detail = given.detail ?? ''
    this.requestId = given.requestId ?? ''
    this.fields = given.fields ?? []
    this.retryAfter = given.retryAfter ?? null
  }

  /** The sentence about one input; `pointer` is a JSON pointer such as `/lines/0/qty`. */
  field(pointer: string): string | undefined {
    return this.fields.find((one) => one.pointer === pointer)?.detail
  }

  /** Whether the same request, sent again with the same key, may still succeed. */
  get again(): boolean {
    return this.status === 0 || this.status === 409 || this.status === 429 || this.status >= 500
  }
}

/** What every request carries; the session store fills it in. */
export const carried = reactive({ csrf: '', lang: 'zh' })

let onSignedOut: (() => void) | null = null

/** Say what happens when the server no longer knows us. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act
}

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' })

api.use({
  onRequest({ request }) {
    request.headers.set('Accept', 'application/json')
    request.headers.set('Accept-Language', carried.lang)
    if (carried.csrf && request.method !== 'GET') request.headers.set('X-CSRF-Token', carried.csrf)
    return request
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined
    const problem = await readProblem(response)
    if (problem.status === 401 && schemaPath !== '/console/v1/session') onSignedOut?.()
    throw problem
  },
  onError({ error }) {
    if (error instanceof Problem) return error
    if (error instanceof DOMException && error.name === 'AbortError') return error
    return new Problem({ status: 0, code: 'offline' })
  },
})

async function readProblem(response: Response): Promise<Problem> {
  const said = (await response.json().catch(() => ({}))) as Record<string, unknown>
  return new Problem({
    status: response.status,
    code: typeof said.code === 'string' ? said.code : 'unreadable',
    title: said.title as string | undefined,
    detail: said.detail as string | undefined,
    requestId: (said.request_id as string | undefined) ?? response.headers.get('X-Request-ID') ?? '',
    fields: said.fields as FieldProblem[] | undefined,
    retryAfter: Number(response.headers.get('Retry-After')) || null,
  })
}

/** The answer's data; a refusal is thrown as a Problem. `const page = await ask(api.GET('/console/v1/orders', …))`. */
export async function ask<T>(asked: Promise<{ data?: T }>): Promise<T> {
  const { data } = await asked
  return data as T
}

/** A key against repeats (`Idempotency-Key`): one for each intent, kept while the same intent is sent again. */
export function newKey(): string {
  return crypto.randomUUID()
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem({ status: 0, code: 'defect', detail: error instanceof Error ? error.message : String(error) })
}
