// One picture large: swiped, pinched, dragged, double-tapped.

import { rightToLeft } from './network.js'

const LARGEST = 6
const SWIPE = 60
const DOUBLE_MS = 300

export class Stage {
  constructor(element, { turn, close }) {
    this.element = element
    this.turn = turn
    this.close = close
    this.pointers = new Map()
    this.lastTap = { at: 0 }
    for (const name of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel']) element.addEventListener(name, this)
    element.addEventListener('wheel', this, { passive: false })
  }

  get picture() { return this.element.querySelector('img') }

  show(content, placeholder) {
    this.element.replaceChildren(content)
    this.element.style.backgroundImage = placeholder || ''
    this.picture?.addEventListener('load', () => { this.element.style.backgroundImage = '' }, { once: true })
    this.reset()
  }

  reset() {
    Object.assign(this, { scale: 1, x: 0, y: 0 })
    this.paint()
  }

  paint(settling = false) {
    this.element.classList.toggle('settling', settling)
    this.element.classList.toggle('zoomed', this.scale > 1)
    if (this.picture) this.picture.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`
  }

  // What is at (x, y) of the stage stays there.
  zoom(scale, x = this.element.clientWidth / 2, y = this.element.clientHeight / 2, settling = true) {
    const next = Math.min(Math.max(scale, 1), LARGEST)
    this.x = x - ((x - this.x) * next) / this.scale
    this.y = y - ((y - this.y) * next) / this.scale
    this.scale = next
    this.bound()
    this.paint(settling)
  }

  // The picture does not leave the stage.
  bound() {
    const least = (side) => side * (1 - this.scale)
    this.x = Math.min(0, Math.max(this.x, least(this.element.clientWidth)))
    this.y = Math.min(0, Math.max(this.y, least(this.element.clientHeight)))
  }

  handleEvent(event) { this[event.type](event) }

  wheel(event) {
    event.preventDefault()
    const { left, top } = this.element.getBoundingClientRect()
    this.zoom(this.scale * Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top, false)
  }

  pointerdown(event) {
    if (event.button) return
    this.element.setPointerCapture(event.pointerId)
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (this.pointers.size === 1) this.began = { x: event.clientX, y: event.clientY, pinched: false }
    else this.began.pinched = true
  }

  pointermove(event) {
    const before = this.pointers.get(event.pointerId)
    if (!before) return
    const now = { x: event.clientX, y: event.clientY }
    if (this.pointers.size === 2) this.pinch(event.pointerId, before, now)
    else if (this.scale > 1) {
      this.x += now.x - before.x
      this.y += now.y - before.y
      this.bound()
    } else if (!this.began.pinched) {
      this.x = now.x - this.began.x
      this.y = Math.max(0, now.y - this.began.y)
    }
    this.pointers.set(event.pointerId, now)
    this.paint()
  }

  pinch(id, before, now) {
    const [other] = [...this.pointers].filter(([each]) => each !== id).map(([, place]) => place)
    const apart = (place) => Math.hypot(place.x - other.x, place.y - other.y) || 1
    const { left, top } = this.element.getBoundingClientRect()
    this.zoom((this.scale * apart(now)) / apart(before), (now.x + other.x) / 2 - left, (now.y + other.y) / 2 - top, false)
  }

  pointerup(event) {
    if (!this.pointers.delete(event.pointerId) || this.pointers.size) return
    const across = event.clientX - this.began.x
    const down = event.clientY - this.began.y
    if (this.began.pinched) return
    if (Math.hypot(across, down) < 10) this.tap(event)
    else if (this.scale === 1) this.swipe(across, down)
  }

  pointercancel(event) {
    this.pointers.delete(event.pointerId)
    if (this.scale === 1) this.reset()
  }

  tap(event) {
    const { at, x, y } = this.lastTap
    const isDouble = event.timeStamp - at < DOUBLE_MS && Math.hypot(event.clientX - x, event.clientY - y) < 40
    this.lastTap = isDouble ? { at: 0 } : { at: event.timeStamp, x: event.clientX, y: event.clientY }
    if (!isDouble) return this.scale === 1 && this.reset()
    const { left, top } = this.element.getBoundingClientRect()
    this.zoom(this.scale > 1 ? 1 : 2.5, event.clientX - left, event.clientY - top)
  }

  swipe(across, down) {
    this.x = this.y = 0
    this.paint(true)
    if (Math.abs(across) > SWIPE && Math.abs(across) > Math.abs(down)) this.turn((across < 0) !== rightToLeft ? 1 : -1)
    else if (down > SWIPE * 1.6 && down > Math.abs(across)) this.close()
  }
}
