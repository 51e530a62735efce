import { all, one } from './dom'

/** A field marked data-autosubmit sends its form when it changes. */
export function autosubmit(): void {
  document.addEventListener('change', (event) => {
    const field = event.target as HTMLInputElement
    if (field.matches('[data-autosubmit]')) field.form?.requestSubmit()
  })
}

/** A form marked data-again="3" asks again after three seconds, while an answer is still under way. */
export function askAgain(): void {
  all<HTMLFormElement>('form[data-again]').forEach((form) => {
    setTimeout(() => form.requestSubmit(), 1000 * Number(form.dataset.again))
  })
}

/** Buttons with data-step="1" or "-1" beside a number field. */
export function steppers(): void {
  document.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>('[data-step]')
    const field = button && one<HTMLInputElement>('input', button.closest('.stepper')!)
    if (!button || !field) return
    const [least, most] = [Number(field.min || 1), Number(field.max || 999)]
    const wanted = Math.min(most, Math.max(least, Number(field.value) + Number(button.dataset.step)))
    if (String(wanted) === field.value) return
    field.value = String(wanted)
    field.dispatchEvent(new Event('change', { bubbles: true }))
  })
}
