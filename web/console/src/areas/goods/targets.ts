/** What a column of a file can be, grouped as people look for it; `own` are names that the file itself brings. */
export interface TargetGroup {
  key: string
  targets: readonly string[]
  own?: boolean
}

export const TARGETS: readonly TargetGroup[] = [
  { key: 'codes', targets: ['product_code', 'sku_code', 'barcode', 'seller_code'] },
  { key: 'words', targets: ['title.zh', 'title.en', 'title', 'subtitle.zh', 'subtitle.en', 'subtitle', 'description.zh', 'description.en', 'description'] },
  { key: 'place', targets: ['category', 'category.zh', 'category.en', 'brand', 'brand.zh', 'brand.en', 'list', 'images'] },
  { key: 'prices', targets: ['price', 'compare_at', 'currency', 'stock'] },
  { key: 'sizes', targets: ['weight_g', 'length_mm', 'width_mm', 'height_mm'] },
]

/** Every column can also be an option or an attribute under its own name, or what it was guessed to be. */
export function withOwn(groups: readonly TargetGroup[], column: string, guessed: string): readonly TargetGroup[] {
  const own = [`option.${column.replace(/^option\./, '')}`, `attribute.${column.replace(/^attribute\./, '')}`]
  const strange = guessed && !own.includes(guessed) && !groups.some((group) => group.targets.includes(guessed)) ? [guessed] : []
  return [...groups, { key: 'self', own: true, targets: [...strange, ...own] }]
}
