/**
 * A hash of a text that is the same on every machine, for ever: it decides what a stored state keeps (I-1).
 *
 * MurmurHash3's rounds over the UTF-16 code units. Not for secrets.
 */
const finish = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** 32 bits, not negative. */
export const hashText = (text: string, seed = 0): number => {
  let hash = seed
  for (let i = 0; i < text.length; i += 1) {
    const block = Math.imul(text.charCodeAt(i), 0xcc9e2d51)
    hash ^= Math.imul((block << 15) | (block >>> 17), 0x1b873593)
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  return finish(hash ^ text.length)
}

const seeds = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]

/** 128 bits as 32 hex digits: stands for a text that is too long to be kept. */
export const digestText = (text: string): string =>
  seeds.map((seed) => hashText(text, seed).toString(16).padStart(8, '0')).join('')
