// ThumbHash (github.com/evanw/thumbhash, by Evan Wallace): the colours and coarsest shapes of a picture, in some 25 bytes.

const SIDE = 32

function channel(across, down, scale, read) {
  const waves = []
  for (let y = 0; y < down; y++)
    for (let x = y ? 0 : 1; x * down < across * (down - y); x++) waves.push((read() / 7.5 - 1) * scale)
  return waves
}

function cosines(number, at, side) {
  return Array.from({ length: number }, (_, wave) => Math.cos((Math.PI / side) * (at + 0.5) * wave))
}

function value(constant, waves, across, down, fx, fy) {
  let sum = constant
  for (let y = 0, i = 0; y < down; y++)
    for (let x = y ? 0 : 1; x * down < across * (down - y); x++, i++) sum += waves[i] * fx[x] * fy[y] * 2
  return sum
}

// As pixels: rows of RGBA.
export function decode(base64) {
  const hash = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  const head = hash[0] | (hash[1] << 8) | (hash[2] << 16)
  const shape = hash[3] | (hash[4] << 8)
  const hasAlpha = head >> 23
  const wide = shape >> 15
  const most = hasAlpha ? 5 : 7
  const across = Math.max(3, wide ? most : shape & 7)
  const down = Math.max(3, wide ? shape & 7 : most)
  let at = (hasAlpha ? 6 : 5) * 2
  const read = () => (hash[at >> 1] >> ((at++ & 1) << 2)) & 15
  const light = channel(across, down, ((head >> 18) & 31) / 31, read)
  const yellow = channel(3, 3, (((shape >> 3) & 63) / 63) * 1.25, read)
  const red = channel(3, 3, (((shape >> 9) & 63) / 63) * 1.25, read)
  const opacity = hasAlpha ? channel(5, 5, (hash[5] >> 4) / 15, read) : []

  const ratio = (wide ? most : shape & 7) / (wide ? shape & 7 : most)
  const width = Math.round(ratio > 1 ? SIDE : SIDE * ratio) || 1
  const height = Math.round(ratio > 1 ? SIDE / ratio : SIDE) || 1
  const pixels = new Uint8ClampedArray(width * height * 4)
  for (let y = 0, i = 0; y < height; y++) {
    const fy = cosines(Math.max(down, 5), y, height)
    for (let x = 0; x < width; x++, i += 4) {
      const fx = cosines(Math.max(across, 5), x, width)
      const l = value((head & 63) / 63, light, across, down, fx, fy)
      const p = value(((head >> 6) & 63) / 31.5 - 1, yellow, 3, 3, fx, fy)
      const q = value(((head >> 12) & 63) / 31.5 - 1, red, 3, 3, fx, fy)
      const b = l - (2 / 3) * p
      const r = (3 * l - b + q) / 2
      pixels.set([r * 255, (r - q) * 255, b * 255, hasAlpha ? value((hash[5] & 15) / 15, opacity, 5, 5, fx, fy) * 255 : 255], i)
    }
  }
  return { width, height, pixels }
}

export function image(base64) {
  const { width, height, pixels } = decode(base64)
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  canvas.getContext('2d').putImageData(new ImageData(pixels, width, height), 0, 0)
  return `url(${canvas.toDataURL()})`
}
