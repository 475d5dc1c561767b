// Photos from guests: dropped or chosen, sent one after the other, each with its progress.

import { say } from './network.js'
import { Transfer } from './transfer.js'

const section = document.getElementById('uploads')
const part = (name) => document.querySelector(`[data-${name}]`)
const queue = []
let isRunning = false

const reasons = {
  'upload-too-large': 'upload_too_large',
  'unsupported-image': 'upload_not_an_image',
  'upload-no-picture': 'upload_not_an_image',
}
function reasonOf(error) {
  if (!error.status) return say('upload_interrupted')
  const known = reasons[error.type?.split('/').pop()]
  return known ? say(known) : error.message || say('upload_refused')
}

function button(text, action) {
  const made = Object.assign(document.createElement('button'), { type: 'button', className: 'button quiet', textContent: text })
  made.addEventListener('click', action)
  return made
}

class Row {
  constructor(file) {
    this.file = file
    this.transfer = new Transfer(file, (share) => this.progress(share))
    this.element = document.createElement('li')
    this.name = Object.assign(document.createElement('span'), { className: 'name', dir: 'auto', textContent: file.name })
    this.state = Object.assign(document.createElement('span'), { className: 'state', textContent: say('upload_waiting') })
    this.state.setAttribute('role', 'status')
    this.buttons = Object.assign(document.createElement('span'), { className: 'buttons' })
    this.bar = Object.assign(document.createElement('progress'), { value: 0, max: 1 })
    this.bar.setAttribute('aria-label', file.name)
    this.element.append(this.name, this.state, this.buttons, this.bar)
  }

  progress(share) {
    this.bar.value = share
    this.state.textContent = say('upload_going', { percent: Math.floor(share * 100) })
  }

  async run(guestName) {
    this.buttons.replaceChildren()
    this.bar.hidden = false
    this.state.className = 'state'
    try {
      await this.transfer.run(guestName)
      this.ended(say('upload_done'))
      part('refresh').hidden = false
    } catch (error) {
      this.ended(reasonOf(error))
      this.state.classList.add('failed')
      this.buttons.append(button(say('upload_retry'), () => add(this)), button(say('upload_remove'), () => this.remove()))
    }
  }

  ended(text) {
    this.bar.hidden = true
    this.state.textContent = text
  }

  remove() {
    this.transfer.abandon()
    this.element.remove()
    part('files').focus()
  }
}

async function add(...rows) {
  queue.push(...rows)
  if (isRunning) return
  isRunning = true
  while (queue.length) await queue.shift().run(document.getElementById('guest-name').value.trim())
  isRunning = false
}

function take(files) {
  const rows = [...files].map((file) => new Row(file))
  part('transfers').append(...rows.map((row) => row.element))
  add(...rows)
}

function reveal() {
  section.hidden = !section.hidden
  part('add').setAttribute('aria-expanded', !section.hidden)
  if (!section.hidden) part('files').focus()
}

export function begin() {
  if (!section) return
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files')
  const veil = part('drop-veil')
  part('add').addEventListener('click', reveal)
  part('files').addEventListener('change', ({ target }) => { take(target.files); target.value = '' })
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    veil.hidden = false
  })
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) veil.hidden = true })
  document.addEventListener('drop', (event) => {
    veil.hidden = true
    if (!hasFiles(event)) return
    event.preventDefault()
    section.hidden = false
    part('add').setAttribute('aria-expanded', 'true')
    take(event.dataTransfer.files)
  })
  window.addEventListener('beforeunload', (event) => { if (isRunning) event.preventDefault() })
}
