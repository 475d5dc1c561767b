// Proofing: hearts, comments, and sending the selection, once.

import { onTile, tileOf } from './grid.js'
import { askJson, count, say, tell } from './network.js'
import { onShow, shown } from './viewer.js'

const part = (name) => document.querySelector(`[data-${name}]`)
const sheet = document.getElementById('submit')
// By photo: {favorite, comment}.
const marks = new Map()
let submitted = false

const markOf = (id) => marks.get(id) || { favorite: false, comment: null }

function paint(id) {
  const { favorite } = markOf(id)
  const buttons = [tileOf(id)?.querySelector('.heart')]
  if (shown()?.dataset.id === id) buttons.push(document.querySelector('#viewer .heart'))
  for (const button of buttons) {
    button?.setAttribute('aria-pressed', favorite)
    if (button) button.disabled = submitted
  }
}

function tellNumber() {
  const favorites = [...marks.values()].filter((mark) => mark.favorite).length
  part('selection-bar').hidden = submitted || ![...marks.values()].some((mark) => mark.favorite || mark.comment)
  part('favorites').textContent = count('favorites', favorites)
}

// Shown at once, and taken back when the server does not take it.
async function mark(id, change) {
  const before = markOf(id)
  const after = { ...before, ...change }
  marks.set(id, after)
  paint(id)
  tellNumber()
  try {
    const isEmpty = !after.favorite && !after.comment
    await askJson(`/api/selection/${id}`, isEmpty ? { method: 'DELETE' } : { method: 'PUT', json: after })
    return true
  } catch (error) {
    marks.set(id, before)
    paint(id)
    tellNumber()
    tell(error)
    return false
  }
}

const toggle = (id) => !submitted && mark(id, { favorite: !markOf(id).favorite })

function showComment(tile) {
  const form = part('comment')
  form.elements.comment.value = markOf(tile.dataset.id).comment || ''
  form.elements.comment.disabled = submitted
  form.querySelector('button').disabled = submitted
  part('comment-status').textContent = ''
  paint(tile.dataset.id)
}

async function saveComment(event) {
  event.preventDefault()
  const comment = part('comment').elements.comment.value.trim() || null
  if (await mark(shown().dataset.id, { comment })) part('comment-status').textContent = say('comment_saved')
}

function openComment() {
  const form = part('comment')
  form.hidden = !form.hidden
  part('remark').setAttribute('aria-expanded', !form.hidden)
  if (!form.hidden) form.elements.comment.focus()
}

function end() {
  submitted = true
  document.querySelectorAll('.heart').forEach((button) => { button.disabled = true })
  tellNumber()
  part('selection-sent').hidden = false
}

async function submit(event) {
  event.preventDefault()
  const { guest_name: name, note } = Object.fromEntries(new FormData(event.target))
  try {
    await askJson('/api/selection/submit', { method: 'POST', json: { guest_name: name.trim() || null, note: note.trim() || null } })
    sheet.close()
    end()
  } catch (error) { tell(error) }
}

async function load() {
  try {
    const selection = await askJson('/api/selection')
    for (const { photo_id: id, favorite, comment } of selection.items) marks.set(id, { favorite, comment })
    marks.forEach((_, id) => paint(id))
    tellNumber()
    if (selection.submitted_at) end()
  } catch (error) { tell(error) }
}

export function begin() {
  if (!('selection' in document.body.dataset) || !part('selection-bar')) return
  document.addEventListener('click', (event) => {
    const heart = event.target.closest('.heart')
    if (heart) toggle((heart.closest('.tile') || shown()).dataset.id)
  })
  document.getElementById('viewer').addEventListener('keydown', (event) => {
    if (event.key === 'f' && !event.target.closest('textarea')) toggle(shown().dataset.id)
  })
  onTile((tile) => paint(tile.dataset.id))
  onShow(showComment)
  part('remark').addEventListener('click', openComment)
  part('comment').addEventListener('submit', saveComment)
  part('submit').addEventListener('click', () => sheet.showModal())
  part('submit-cancel').addEventListener('click', () => sheet.close())
  part('submit-form').addEventListener('submit', submit)
  load()
}
