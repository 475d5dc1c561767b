// The page for people: what works without a script gets better here.

import * as choosing from './choosing.js'
import * as favorites from './favorites.js'
import * as grid from './grid.js'
import * as uploads from './uploads.js'
import * as viewer from './viewer.js'

// Whoever comes from elsewhere sends no strict cookie along; asked from here the browser does.
if ('lookAgain' in document.body.dataset) location.replace(location.pathname + location.search)

const show = document.querySelector('[data-show]')
show?.addEventListener('click', () => {
  const field = document.getElementById('password')
  const isShown = field.type === 'text'
  field.type = isShown ? 'password' : 'text'
  show.setAttribute('aria-pressed', !isShown)
})

for (const part of [grid, choosing, favorites, uploads, viewer]) part.begin()
