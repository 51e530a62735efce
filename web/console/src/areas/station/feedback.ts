import { reactive } from 'vue'

/** What the last scan led to, shown large, told aloud and felt in the hand. */
export interface Said {
  tone: 'good' | 'bad'
  text: string
  serial: number
}

export const said = reactive<{ now: Said | null; quiet: boolean }>({ now: null, quiet: localStorage.getItem('daji_station_quiet') === '1' })
let serial = 0
let audio: AudioContext | null = null

export function good(text: string): void {
  said.now = { tone: 'good', text, serial: ++serial }
  setTimeout(() => sound([[1320, 0.08]]))
  navigator.vibrate?.(50)
}

export function bad(text: string): void {
  said.now = { tone: 'bad', text, serial: ++serial }
  setTimeout(() => sound([[220, 0.18], [0, 0.06], [180, 0.3]]))
  navigator.vibrate?.([140, 70, 140])
}

export function hush(): void {
  said.now = null
}

export function setQuiet(quiet: boolean): void {
  said.quiet = quiet
  localStorage.setItem('daji_station_quiet', quiet ? '1' : '0')
}

/** Tones one after another, as [hertz, seconds]; nought is a pause. Opening the loudspeaker may take a while: after the screen. */
function sound(tones: readonly [number, number][]): void {
  if (said.quiet || typeof AudioContext === 'undefined') return
  audio ??= new AudioContext()
  // Browsers keep silent until somebody has touched the page; a scanner's keystroke counts.
  void audio.resume()
  let at = audio.currentTime
  for (const [hertz, seconds] of tones) {
    if (hertz) {
      const tone = audio.createOscillator()
      const volume = audio.createGain()
      tone.type = 'square'
      tone.frequency.value = hertz
      volume.gain.setValueAtTime(0.12, at)
      volume.gain.exponentialRampToValueAtTime(0.001, at + seconds)
      tone.connect(volume).connect(audio.destination)
      tone.start(at)
      tone.stop(at + seconds)
    }
    at += seconds
  }
}
