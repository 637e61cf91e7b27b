import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readInput } from '../../../topology/cli/ingest-input/read-input.ts'
import { eventBytesMax } from '../../../topology/model/limits.ts'

const read = async (text: string | Uint8Array, pieceBytes = 65_536): Promise<readonly string[]> => {
  const bytes = Buffer.from(text)
  const open = async function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  const found: string[] = []
  for await (const items of readInput({ name: 'x.csv', open }, 'csv'))
    for (const { bytes: value, line, problem } of items)
      if (value.length > 0 || problem !== undefined)
        found.push(problem === undefined ? `${line}: ${Buffer.from(value).toString()}` : `${line}! ${problem}`)
  return found
}

test('a broken row takes none of its neighbours with it', async () => {
  const text = 'a,b\n1,x"y\n2,"x"y\n3,"ok\r\n""so"""\r\n4\n5,"x"\ry\n6,ok\n7,"open\n8,lost\n'
  for (const pieceBytes of [1, 7, 1_000])
    expect(await read(text, pieceBytes)).toEqual([
      '2! a quote stands inside a cell that is not quoted',
      '3! text stands behind a closing quote',
      '4: {"a":3,"b":"ok\\r\\n\\"so\\""}',
      '6! has 1 cells, the heading line has 2',
      '7! text stands behind a closing quote',
      '8: {"a":6,"b":"ok"}',
      '9! a quote is opened here and never closed',
    ])
})

test('a row that is too long is one problem, and the rows behind it are read', async () => {
  const text = `a,b\n1,${'x'.repeat(3 * eventBytesMax)}\n2,y\n`
  expect(await read(text)).toEqual([`2! is longer than ${eventBytesMax} bytes`, '3: {"a":2,"b":"y"}'])
})

test('bytes that are no UTF-8 are refused, not replaced', async () => {
  expect(await read(Buffer.from('a\ncaf\xe9\nok\n', 'latin1'))).toEqual(['2! the row is not UTF-8', '3: {"a":"ok"}'])
})

test('lines end with a line feed, both, or a carriage return alone', async () => {
  for (const end of ['\n', '\r\n', '\r'])
    expect(await read(['a', '1', '', '2'].join(end))).toEqual(['2: {"a":1}', '4: {"a":2}'])
})

test('any text is read to its end, the same however the chunks fall', async () => {
  const piece = fc.constantFrom('"', ',', '\n', '\r', '\r\n', '1', 'x', '"a"', '""')
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const text = `a,b\n${pieces.join('')}`
      const whole = await read(text)
      expect(await read(text, 1)).toEqual(whole)
    }),
    { numRuns: 300 },
  )
})
