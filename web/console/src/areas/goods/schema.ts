import type { Schemas } from '@/api/client'
import { nameIn, type Names } from './draft'

type Category = Schemas['Category']
type Schema = Record<string, unknown>

export type Kind = 'text' | 'long' | 'whole' | 'number' | 'yes' | 'one' | 'some' | 'other'

/** One of the values that may be chosen: what is kept, and what people read (`x-values` of the schema). */
export interface AttributeChoice {
  code: string
  names: Names
}

/** One attribute as a form field: the part of JSON Schema that people edit without seeing JSON. */
export interface AttributeField {
  code: string
  names: Names
  kind: Kind
  needed: boolean
  choices: AttributeChoice[]
  least: number | null
  most: number | null
  unit: Names
  /** The category that asks for it, when that is one above. */
  from: string
}

export const KINDS: readonly Kind[] = ['text', 'long', 'whole', 'number', 'yes', 'one', 'some']
const LONG = 200

/** The fields that a category asks for itself. What the form cannot show stays in the schema untouched. */
export function fieldsOf(schema: Schema): AttributeField[] {
  const properties = (schema.properties ?? {}) as Record<string, Schema>
  const required = (schema.required ?? []) as string[]
  return Object.entries(properties).map(([code, rule]) => {
    const items = rule.items as Schema | undefined
    const choices = (rule.enum ?? items?.enum ?? []) as unknown[]
    const words = (rule['x-values'] ?? {}) as Record<string, Names>
    const whole = rule.type === 'integer' || rule.type === 'number'
    return {
      code,
      names: (rule['x-names'] as Names | undefined) ?? (typeof rule.title === 'string' ? { zh: rule.title, en: rule.title } : {}),
      kind: kindOf(rule),
      needed: required.includes(code),
      choices: choices.map((one) => ({ code: String(one), names: words[String(one)] ?? {} })),
      least: numberOf(whole ? rule.minimum : rule.minLength),
      most: numberOf(whole ? rule.maximum : rule.maxLength),
      unit: typeof rule['x-unit'] === 'string' ? { zh: rule['x-unit'], en: rule['x-unit'] } : ((rule['x-unit'] as Names | undefined) ?? {}),
      from: '',
    }
  })
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : null)

function kindOf(rule: Schema): Kind {
  if (rule.type === 'boolean') return 'yes'
  if (rule.type === 'integer') return 'whole'
  if (rule.type === 'number') return 'number'
  if (rule.type === 'array') return ['string', undefined].includes((rule.items as Schema | undefined)?.type as string | undefined) ? 'some' : 'other'
  if (rule.type === 'string' || rule.enum) return rule.enum ? 'one' : (numberOf(rule.maxLength) ?? 0) > LONG ? 'long' : 'text'
  return rule.type === undefined ? 'text' : 'other'
}

/** All fields of a category, those of the ones above first; a lower one wins over one of the same code. */
export function fieldsFor(categories: readonly Category[], id: string, lang: string): AttributeField[] {
  const leaf = categories.find((one) => one.id === id)
  const found = new Map<string, AttributeField>()
  for (const step of leaf?.path ?? []) {
    const category = categories.find((one) => one.id === step)
    for (const field of fieldsOf((category?.attribute_schema ?? {}) as Schema)) {
      found.set(field.code, { ...field, needed: field.needed || Boolean(found.get(field.code)?.needed), from: step === id ? '' : nameIn(category?.names, lang) })
    }
  }
  return [...found.values()]
}

/** Write fields back into the schema they came from; keywords that the form does not know are kept. */
export function schemaOf(fields: readonly AttributeField[], before: Schema): Schema {
  const old = (before.properties ?? {}) as Record<string, Schema>
  const required = fields.filter((field) => field.needed).map((field) => field.code)
  const schema: Schema = { ...before, type: 'object', properties: Object.fromEntries(fields.map((field) => [field.code, ruleOf(field, old[field.code] ?? {})])) }
  if (required.length) schema.required = required
  else delete schema.required
  if (!('additionalProperties' in before) && fields.length) schema.additionalProperties = false
  return schema
}

function ruleOf(field: AttributeField, before: Schema): Schema {
  if (field.kind === 'other') return before
  const rule: Schema = { ...before }
  for (const key of ['type', 'enum', 'items', 'minimum', 'maximum', 'minLength', 'maxLength', 'title', 'x-unit', 'x-names', 'x-values']) delete rule[key]
  const keep = (key: string, value: object) => {
    if (Object.keys(value).length) rule[key] = value
  }
  const codes = field.choices.map((one) => one.code).filter(Boolean)
  keep('x-names', filled(field.names))
  keep('x-unit', filled(field.unit))
  if (field.kind === 'one' || field.kind === 'some') keep('x-values', Object.fromEntries(field.choices.filter((one) => one.code && Object.keys(filled(one.names)).length).map((one) => [one.code, filled(one.names)])))
  const bounds = (least: string, most: string) => {
    if (field.least !== null) rule[least] = field.least
    if (field.most !== null) rule[most] = field.most
  }
  if (field.kind === 'yes') rule.type = 'boolean'
  else if (field.kind === 'some') {
    rule.type = 'array'
    rule.items = { type: 'string', ...(codes.length ? { enum: codes } : {}) }
  } else if (field.kind === 'whole' || field.kind === 'number') {
    rule.type = field.kind === 'whole' ? 'integer' : 'number'
    bounds('minimum', 'maximum')
  } else {
    rule.type = 'string'
    if (field.kind === 'one' && codes.length) rule.enum = codes
    bounds('minLength', 'maxLength')
    if (field.kind === 'long' && field.most === null) rule.maxLength = 5000
  }
  return rule
}

const filled = (names: Names): Names => Object.fromEntries(Object.entries(names).filter(([, name]) => name.trim()))

/** What is wrong with a value, as a message key with its figures; null when nothing is. The server has the last word. */
export function wrongWith(field: AttributeField, value: unknown): { key: string; n?: number } | null {
  const empty = value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)
  if (empty) return field.needed ? { key: 'kit.required' } : null
  if (field.kind === 'whole' && !Number.isInteger(value)) return { key: 'goods.attributes.notWhole' }
  if (field.kind === 'number' && typeof value !== 'number') return { key: 'goods.attributes.notNumber' }
  const size = typeof value === 'number' ? value : typeof value === 'string' ? value.length : null
  const words = typeof value === 'string'
  if (size !== null && field.least !== null && size < field.least) return { key: words ? 'goods.attributes.tooShort' : 'goods.attributes.tooSmall', n: field.least }
  if (size !== null && field.most !== null && size > field.most) return { key: words ? 'goods.attributes.tooLong' : 'goods.attributes.tooLarge', n: field.most }
  return null
}
