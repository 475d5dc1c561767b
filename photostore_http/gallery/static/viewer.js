// The viewer: one photo at a time, by keyboard, pointer and address (`#photo-...`).

import { beside, first, more, tileOf, tiles, total, wordsOf } from './grid.js'
import { language, path, rightToLeft } from './network.js'
import { Stage } from './stage.js'
import { image } from './thumbhash.js'

const dialog = document.getElementById('viewer')
const part = (name) => dialog.querySelector(`[data-${name}]`)
const dates = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
const listeners = []
let stage
let tile = null
let pushed = false
// Preloaded pictures are held, or they would be forgotten before they are there.
let held = []

export const onShow = (listener) => listeners.push(listener)
export const shown = () => tile

function large(from) {
  const content = from.querySelector('picture, .unshown').cloneNode(true)
  const picture = content.querySelector('img')
  if (picture) {
    picture.loading = 'eager'
    for (const each of [...content.querySelectorAll('source'), picture]) each.sizes = '100vw'
    picture.draggable = false
  }
  return content
}

// Until the large picture is there: the small one, or its placeholder.
function stopgap({ dataset, firstElementChild: link }) {
  const small = link.querySelector('img')
  if (small?.complete && small.naturalWidth) return `url("${small.currentSrc}")`
  return small && dataset.placeholder ? image(dataset.placeholder) : ''
}

function describe(link) {
  const { title, description, taken, file } = link.dataset
  for (const [name, text] of Object.entries({ title, description })) {
    part(name).textContent = text || ''
    part(name).hidden = !text
  }
  part('taken').textContent = taken ? dates.format(new Date(taken)) : ''
  part('taken').dateTime = taken || ''
  part('caption').hidden = !(title || description || taken)
  const download = part('file')
  if (!download) return
  download.toggleAttribute('hidden', !file)
  if (file) download.href = file
}

function show(next) {
  tile = next
  const all = tiles()
  part('place').textContent = `${all.indexOf(tile) + 1} / ${Math.max(all.length, total())}`
  stage.show(large(tile), stopgap(tile))
  describe(tile.querySelector('a'))
  dialog.setAttribute('aria-label', wordsOf(tile))
  part('previous').disabled = !beside(tile, -1)
  part('next').disabled = !beside(tile, 1) && !document.querySelector('[data-more]')
  zoomed()
  held = [-1, 1].map((step) => beside(tile, step)).filter((each) => each?.querySelector('picture')).map(large)
  listeners.forEach((listener) => listener(tile))
}

// A button that is disabled while it has the focus would swallow the keys.
function keepFocus() {
  if (document.activeElement?.disabled) part('close').focus()
}

function zoomed() {
  part('zoom-out').disabled = stage.scale <= 1
  part('zoom-in').disabled = !stage.picture
  keepFocus()
}

export function open(next) {
  if (!dialog.open) {
    const address = `#${next.id}`
    pushed = location.hash !== address
    if (pushed) history.pushState(null, '', address)
    show(next)
    dialog.showModal()
  } else show(next)
}

async function turn(step) {
  const from = tile
  let next = beside(from, step)
  if (!next && step > 0 && (await more())) next = beside(from, step)
  if (!next || tile !== from || !dialog.open) return
  show(next)
  history.replaceState(null, '', `#${next.id}`)
}

const close = () => dialog.close()

// Back where it was opened, or at the photo that was looked at last.
function closed() {
  stage.element.replaceChildren()
  held = []
  const last = tile
  tile = null
  if (location.hash) {
    if (pushed) history.back()
    else history.replaceState(null, '', path + location.search)
  }
  pushed = false
  last?.scrollIntoView({ block: 'nearest' })
  last?.querySelector('a').focus({ preventScroll: true })
}

function pressed(event) {
  if (event.target.closest('textarea, input') || event.altKey || event.ctrlKey || event.metaKey) return
  const forward = rightToLeft ? -1 : 1
  const actions = {
    ArrowRight: () => turn(forward),
    ArrowLeft: () => turn(-forward),
    Home: () => first() && show(first()),
    '+': () => stage.zoom(stage.scale * 1.6),
    '=': () => stage.zoom(stage.scale * 1.6),
    '-': () => stage.zoom(stage.scale / 1.6),
    0: () => stage.zoom(1),
  }
  if (!actions[event.key]) return
  event.preventDefault()
  actions[event.key]()
  zoomed()
}

// As the address says: a photo of this page, or one that stands on a page by itself.
function follow() {
  const id = location.hash.startsWith('#photo-') ? location.hash.slice('#photo-'.length) : ''
  const wanted = id && tileOf(id)
  if (wanted) open(wanted)
  else if (/^[0-9a-f-]{36}$/.test(id)) location.replace(`${path}/photos/${id}`)
  else if (dialog.open) {
    pushed = false
    close()
  }
}

export function begin() {
  if (!dialog || !first()) return
  stage = new Stage(part('stage'), { turn, close })
  document.querySelector('.grid').addEventListener('click', (event) => {
    const link = event.target.closest('.tile a')
    if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    open(link.closest('.tile'))
  })
  part('previous').addEventListener('click', () => turn(-1))
  part('next').addEventListener('click', () => turn(1))
  part('close').addEventListener('click', close)
  part('zoom-in').addEventListener('click', () => { stage.zoom(stage.scale * 1.6); zoomed() })
  part('zoom-out').addEventListener('click', () => { stage.zoom(stage.scale / 1.6); zoomed() })
  dialog.addEventListener('keydown', pressed)
  dialog.addEventListener('close', closed)
  stage.element.addEventListener('pointerup', zoomed)
  window.addEventListener('popstate', follow)
  follow()
}
