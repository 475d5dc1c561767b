// What the page asks of the server, and how it says that this failed.

const body = document.body.dataset
const texts = JSON.parse(body.texts)

export const path = body.path
export const language = document.documentElement.lang
export const rightToLeft = document.documentElement.dir === 'rtl'

export const say = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name])
export const count = (key, number) => say(`${key}_${number === 1 ? 'one' : 'other'}`, { count: number })

export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail || `HTTP ${status}`)
    this.status = status
    this.type = problem?.type || ''
  }
}

export function toast(text) {
  const place = document.querySelector('[data-toast]')
  if (!place) return
  place.textContent = text
  place.hidden = false
  clearTimeout(toast.timer)
  toast.timer = setTimeout(() => { place.hidden = true }, 8000)
}

// Below the page's own path, so that the cookie of the unlock goes along.
export async function ask(below, { json, ...options } = {}) {
  const headers = { Accept: 'application/json, text/html', ...options.headers }
  if (json !== undefined) headers['Content-Type'] = 'application/json'
  const answer = await fetch(path + below, { ...options, headers, body: json === undefined ? undefined : JSON.stringify(json) })
  if (answer.ok) return answer
  const isProblem = (answer.headers.get('Content-Type') || '').includes('problem+json')
  throw new Refused(answer.status, isProblem ? await answer.json() : null)
}

export const askJson = async (below, options) => {
  const answer = await ask(below, options)
  return answer.status === 204 ? null : answer.json()
}

// The link may have ended, or its password have changed, while the page stood open.
export function tell(error) {
  if (error.status === 401) location.reload()
  else toast(error.status === 404 || error.status === 410 ? say('gone_meanwhile') : error.status ? error.message : say('network_failed'))
}
