// The justified grid: tiles get their shape, paint their placeholder, and further ones are fetched as one scrolls.

import { ask, say, tell } from './network.js'
import { image } from './thumbhash.js'

const grid = document.querySelector('.grid')
const listeners = []
let loading = null

// Called with each tile that comes to the page, or comes anew.
export const onTile = (listener) => {
  listeners.push(listener)
  grid?.querySelectorAll('.tile').forEach(listener)
}
export const first = () => grid?.querySelector('.tile')
export const tileOf = (id) => document.getElementById(`photo-${id}`)
// The next one, or the one before, in this chunk or the one beside it.
export function beside(tile, step) {
  const [next, end] = step > 0 ? ['nextElementSibling', 'firstElementChild'] : ['previousElementSibling', 'lastElementChild']
  if (tile[next]) return tile[next]
  const chunk = tile.parentElement[next]
  return chunk?.matches('.chunk') ? chunk[end] : null
}
export const tiles = () => [...grid.querySelectorAll('.tile')]
// As the server counted them; added since are those that the page has beyond.
export const total = () => Number(grid.dataset.total)
export const wordsOf = (tile) => tile.querySelector('img')?.alt || say('photo')

// Placeholders are painted shortly before they are seen; thousands of them would take their time.
const nearby = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue
    nearby.unobserve(target)
    const picture = target.querySelector('img')
    if (target.dataset.placeholder && !picture?.complete) target.style.backgroundImage = image(target.dataset.placeholder)
  }
}, { rootMargin: '800px' })

function shape(tile) {
  tile.style.setProperty('--ratio', tile.dataset.ratio)
  const picture = tile.querySelector('img')
  if (tile.querySelector('[data-preparing]')) wait(tile)
  if (!picture || picture.complete) return
  tile.classList.add('loading')
  nearby.observe(tile)
}

function arrived({ target }) {
  const tile = target.closest?.('.tile')
  if (!tile || target.tagName !== 'IMG') return
  tile.classList.remove('loading')
  // Once it has faded in: a picture with holes would show it.
  setTimeout(() => { tile.style.backgroundImage = '' }, 500)
}

async function fetchAnew(tile) {
  const answer = await ask(`/photos/${tile.dataset.id}?part=tile`)
  const fresh = parsed(await answer.text()).querySelector('.tile')
  tile.querySelector('a').replaceWith(fresh.querySelector('a'))
  shape(tile)
}

// Its URLs have their time: a page that stood open for longer asks for new ones, once.
async function renew({ target }) {
  const tile = target.closest?.('.tile')
  if (!tile || target.tagName !== 'IMG' || tile.dataset.renewed) return
  tile.dataset.renewed = 'yes'
  try {
    await fetchAnew(tile)
  } catch (error) { tell(error) }
}

// What is being prepared is asked for again, ever more seldom: whoever just added it need not load the page anew.
function wait(tile) {
  const tries = Number(tile.dataset.tries || 0)
  if (tries >= 6) return
  tile.dataset.tries = tries + 1
  setTimeout(() => { if (tile.isConnected) fetchAnew(tile).catch(() => {}) }, 2000 * 2 ** tries)
}

const parsed = (html) => {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

// True when there were more.
export function more() {
  const link = grid?.querySelector('[data-more]')
  if (!link) return Promise.resolve(false)
  loading ||= append(link).finally(() => { loading = null })
  return loading
}

async function append(link) {
  link.setAttribute('aria-busy', 'true')
  const hadFocus = document.activeElement === link
  try {
    const answer = await ask(`/photos?cursor=${encodeURIComponent(link.dataset.more)}`)
    const content = parsed(await answer.text())
    const added = [...content.querySelectorAll('.tile')]
    link.closest('.more').replaceWith(content)
    for (const tile of added) {
      shape(tile)
      listeners.forEach((listener) => listener(tile))
    }
    if (hadFocus) added[0]?.querySelector('a').focus()
    watch()
    return true
  } catch (error) {
    link.removeAttribute('aria-busy')
    tell(error)
    return false
  }
}

const ahead = new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting)) more()
}, { rootMargin: '1600px' })

// Observed anew each time, so that it tells again when a page was too short to leave the view. One that failed waits for a click.
function watch() {
  ahead.disconnect()
  const last = grid.querySelector('.more')
  if (last) ahead.observe(last)
}

export function begin() {
  if (!grid) return
  grid.querySelectorAll('.tile').forEach(shape)
  grid.classList.add('justified')
  grid.addEventListener('load', arrived, true)
  grid.addEventListener('error', renew, true)
  grid.addEventListener('click', (event) => {
    if (!event.target.closest('[data-more]')) return
    event.preventDefault()
    more()
  })
  watch()
}

