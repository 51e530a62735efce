import { inject, type InjectionKey } from 'vue'

/** What the server said of one input of the product; the page provides it to its parts. */
export const wrongKey: InjectionKey<(pointer: string) => string | undefined> = Symbol('wrong')

export const useWrong = () => inject(wrongKey, () => undefined)
