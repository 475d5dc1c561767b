// One file on its way to the store: announced, sent in parts, each tried again, taken up where it broke off.

import { askJson } from './network.js'

const TRIES = 4
const pause = (try_) => new Promise((go) => setTimeout(go, 500 * 2 ** try_))
// What the server says of the request itself does not get better by saying it again.
const isPassing = (error) => !error.status || error.status === 408 || error.status === 429 || error.status >= 500

async function persistently(action) {
  for (let tries = 0; ; tries++) {
    try {
      return await action()
    } catch (error) {
      if (!isPassing(error) || tries + 1 >= TRIES) throw error
      await pause(tries)
    }
  }
}

// `fetch` does not tell how far it is.
function put(part, blob, told) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest()
    request.open(part.method, part.url)
    for (const [name, value] of Object.entries(part.headers))
      // The browser sets the length by itself, and lets nobody else.
      if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded }) => told(loaded)
    request.onload = () => (request.status < 300 ? done() : failed(Object.assign(new Error(`HTTP ${request.status}`), { status: request.status })))
    request.onerror = request.ontimeout = () => failed(new Error('network'))
    request.send(blob)
  })
}

export class Transfer {
  // `told` hears how much of it has arrived, from 0 to 1.
  constructor(file, told) {
    Object.assign(this, { file, told, id: null })
  }

  // Resolves to the photo. Called again after it failed, it sends what is missing.
  async run(guestName) {
    let upload = this.id ? await this.resumed() : null
    upload ||= await persistently(() => askJson('/api/uploads', { method: 'POST', json: this.announced(guestName) }))
    this.id = upload.id
    if (upload.state === 'completed') return
    await this.send(upload.parts)
    await persistently(() => askJson(`/api/uploads/${this.id}/complete`, { method: 'POST' }))
  }

  // Null when there is nothing left to take up.
  async resumed() {
    try {
      const upload = await persistently(() => askJson(`/api/uploads/${this.id}`))
      return ['pending', 'completing', 'completed'].includes(upload.state) ? upload : null
    } catch (error) {
      if (error.status === 404) return null
      throw error
    }
  }

  announced(guestName) {
    const { name, type, size } = this.file
    return { filename: name, content_type: type || 'application/octet-stream', byte_size: size, guest_name: guestName || null }
  }

  async send(parts) {
    let before = 0
    for (const part of parts) {
      const told = (loaded) => this.told((before + loaded) / this.file.size)
      const blob = this.file.slice(part.offset, part.offset + part.byte_size)
      if (!part.received) await persistently(() => put(part, blob, told))
      before += part.byte_size
      this.told(before / this.file.size)
    }
  }

  async abandon() {
    if (this.id) await askJson(`/api/uploads/${this.id}`, { method: 'DELETE' }).catch(() => {})
  }
}
