import { expect, test } from 'vitest'
import { type InputFormat, readInput } from '../../../topology/cli/ingest-input/read-input.ts'
import { bytes } from '../cli-world.ts'

/** Items as `LINE: text` or `LINE! problem`; blank lines are left out. */
const itemsOf = async (text: string, format?: InputFormat, pieceBytes = 1_000_000, name = '-'): Promise<string[]> => {
  const found: string[] = []
  for await (const items of readInput({ name, open: () => bytes(text, pieceBytes) }, format))
    for (const item of items)
      if (item.problem !== undefined) found.push(`${item.line}! ${item.problem}`)
      else if (item.bytes.length > 0) found.push(`${item.line}: ${Buffer.from(item.bytes)}`)
  return found
}

test('lines keep their bytes and their numbers, however the chunks fall', async () => {
  const text = '\ufeff{"a": 1}\r\n\n  \n{"b":"ü"}\n{"c":3}'
  for (const pieceBytes of [3, 4, 7, 1_000])
    expect(await itemsOf(text, undefined, pieceBytes)).toEqual(['1: {"a": 1}', '4: {"b":"ü"}', '5: {"c":3}'])
})

test('a line longer than an event may be is refused and not kept', async () => {
  const text = `{"a":1}\n{"b":"${'x'.repeat(1_048_576)}"}\n{"c":1}\n`
  expect(await itemsOf(text, undefined, 65_536)).toEqual([
    '1: {"a":1}',
    '2! is longer than 1048576 bytes',
    '3: {"c":1}',
  ])
})

test('an array is cut into its elements, however the chunks fall', async () => {
  const text = ' [{"a":"]\\",["},\n [1,[2]],\n\n{"b": {"c":[]}} ,3]\n'
  for (const pieceBytes of [1, 2, 5, 1_000])
    expect(await itemsOf(text, undefined, pieceBytes)).toEqual([
      '1: {"a":"]\\",["}',
      '2: [1,[2]]',
      '4: {"b": {"c":[]}}',
      '4: 3',
    ])
})

test.each([
  ['[]', []],
  ['[{},]', ['1: {}', '1! an element is missing']],
  ['[{}', ['1: {}', '1! the list does not end']],
  ['[{}] x', ['1: {}', '1! stands behind the list']],
])('array %j: %j', async (text, expected) => {
  expect(await itemsOf(text)).toEqual(expected)
})

test('what is no array is refused once', async () => {
  expect(await itemsOf('{"a":1,"b":2}', 'array')).toEqual(['1! is no JSON array'])
})

test('CSV cells are numbers, bools, absent or strings, and a dot nests', async () => {
  const text = 'a,b.c,b.d,e\n1.50,true,x y,\n-0,,007,"say ""hi"", now"\n'
  for (const pieceBytes of [3, 1_000])
    expect(await itemsOf(text, 'csv', pieceBytes)).toEqual([
      '2: {"a":1.50,"b":{"c":true,"d":"x y"}}',
      '3: {"a":-0,"b":{"d":"007"},"e":"say \\"hi\\", now"}',
    ])
})

test('CSV rows of another width are refused with their line', async () => {
  expect(await itemsOf('a,b\n1\n1,2\n', 'csv')).toEqual(['2! has 1 cells, the heading line has 2', '3: {"a":1,"b":2}'])
})

test.each([
  ['a,a\n1,2\n', 'heading "a" stands there twice'],
  ['a,a.b\n1,2\n', 'heading "a" is a value and an object at once'],
  ['a,\n1,2\n', 'heading 2 is empty'],
])('CSV %j is refused', async (text, problem) => {
  expect(await itemsOf(text, 'csv')).toEqual([`1! ${problem}`])
})

test('the format is told by the ending and the first byte', async () => {
  expect(await itemsOf('a,b\n1,2\n')).toEqual(['2: {"a":1,"b":2}'])
  expect(await itemsOf('a\n1\n', undefined, 100, 'x.CSV')).toEqual(['2: {"a":1}'])
  expect(await itemsOf('oops, no\n{"a":1}\n', undefined, 100, 'x.ndjson')).toEqual(['1: oops, no', '2: {"a":1}'])
  expect(await itemsOf('oops\n{"a":1}\n')).toEqual(['1: oops', '2: {"a":1}'])
})
