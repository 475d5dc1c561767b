// Choosing photos to download together.

import { count } from './network.js'

const form = document.getElementById('chosen')
const button = document.querySelector('[data-choose]')

const boxes = () => [...form.querySelectorAll('.pick input')]

function tell() {
  const chosen = form.querySelectorAll('.pick input:checked').length
  form.querySelector('[data-chosen]').textContent = count('chosen', chosen)
  form.querySelector('.choosing-bar .button:not([type=button])').disabled = !chosen
}

function choosing(on) {
  document.body.classList.toggle('choosing', on)
  button.setAttribute('aria-pressed', on)
  if (!on) boxes().forEach((box) => { box.checked = false })
  tell()
}

export function begin() {
  if (!form || !button) return
  button.addEventListener('click', () => choosing(!document.body.classList.contains('choosing')))
  form.querySelector('[data-choose-end]').addEventListener('click', () => { choosing(false); button.focus() })
  form.addEventListener('change', tell)
  // While one chooses, the whole tile is the box. Caught before the viewer sees it.
  form.addEventListener('click', (event) => {
    const link = document.body.classList.contains('choosing') && event.target.closest('.tile a')
    if (!link || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const box = link.closest('.tile').querySelector('.pick input')
    if (box) box.checked = !box.checked
    tell()
  }, true)
  choosing(boxes().some((box) => box.checked))
}
