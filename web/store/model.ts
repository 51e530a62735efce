import { one, word } from './dom'

/** Three-dimensional models are heavy: the viewer is fetched when somebody wants to see one, not before. */
export function model(): void {
  const frame = one('[data-model]')
  const start = frame && one<HTMLButtonElement>('[data-model-start]', frame)
  if (!frame || !start) return
  start.addEventListener('click', async () => {
    start.setAttribute('aria-busy', 'true')
    try {
      await import('@google/model-viewer')
    } catch {
      start.removeAttribute('aria-busy')
      start.textContent = word(frame, 'failed')
      return
    }
    const viewer = document.createElement('model-viewer')
    for (const [name, value] of Object.entries({
      src: frame.dataset.model!,
      alt: frame.dataset.name!,
      'camera-controls': '',
      'touch-action': 'pan-y',
      'shadow-intensity': '0.8',
      exposure: '1.05',
      'environment-image': 'neutral',
      ar: '',
      'ar-modes': 'webxr scene-viewer quick-look',
      'ar-scale': 'fixed',
    })) viewer.setAttribute(name, value)
    const room = Object.assign(document.createElement('button'), { slot: 'ar-button', className: 'btn', textContent: word(frame, 'ar') })
    viewer.append(room)
    frame.replaceChildren(viewer)
  })
}
