/**
 * Inputs that hold events in another wrapping: told once by their first bytes, instead of as bad lines without end.
 */

interface Wrapping {
  readonly magic: readonly number[]
  readonly is: string
  /** The program that gives the text, in front of the file. */
  readonly reader: string
}

const wrappings: readonly Wrapping[] = [
  { magic: [0x1f, 0x8b], is: 'compressed with gzip', reader: 'zcat' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], is: 'compressed with zstd', reader: 'zstdcat' },
  { magic: [0xff, 0xfe], is: 'UTF-16, not UTF-8', reader: 'iconv -f UTF-16 -t UTF-8' },
  { magic: [0xfe, 0xff], is: 'UTF-16, not UTF-8', reader: 'iconv -f UTF-16 -t UTF-8' },
]

/** Why an input that begins with these bytes is no text of events, and what reads it; `undefined` for all others. */
export const encodingProblem = (name: string, head: Uint8Array): string | undefined => {
  const found = wrappings.find(({ magic }) => magic.every((byte, index) => head[index] === byte))
  if (found === undefined) return undefined
  const file = name === '-' ? 'FILE' : /^[\w./-]+$/.test(name) ? name : JSON.stringify(name)
  return `is ${found.is}: \`${found.reader} ${file} | topology ingest -\``
}
