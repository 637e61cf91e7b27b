/** Random JSON texts as producers and their faults write them. */
import fc from 'fast-check'

const names = [
  'a',
  'b',
  'c',
  'country',
  'amount',
  'user',
  '',
  'a.b',
  '__proto__',
  'constructor',
  'é',
  '日本',
  '😀',
  '1',
  ...'defghijklmnopqrstuvwxyz',
]
const mostly = (usual: fc.Arbitrary<string>, faulty: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: faulty })

const blank = mostly(fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n', '  '), fc.constantFrom('\u00a0', '\f'))
const rawName = fc.constantFrom(...names)
/** A name as JSON, sometimes with its characters as escapes. */
const name = fc.oneof(
  { weight: 12, arbitrary: rawName.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: rawName.map((text) => `"${escapeAll(text)}"`) },
  { weight: 1, arbitrary: fc.constantFrom('"\\ud800"', '"\\ud801"', '"a\\"b"', '"\\u0000"', `"${'n'.repeat(256)}"`) },
)

const escapeAll = (text: string): string =>
  Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')

const goodText = fc.oneof(
  fc.constantFrom('"US"', '"a somewhat longer text of plain characters"', '""', '"é"', '"\\n\\t\\"\\\\\\/\\b\\f\\r"'),
  fc.string({ maxLength: 40 }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 10 }).map((value) => JSON.stringify(value)),
  fc.constantFrom('"\\ud83d\\ude00"', '"\\udc00"', '"2019-04-01"'),
)
const text = mostly(goodText, fc.constantFrom('"\\u12"', '"\\x"', '"\u0001"', '"tab\there"', '"open'))

const goodNumber = fc.oneof(
  fc.integer().map(String),
  fc.double().map((value) => JSON.stringify(value)),
  fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.nat(99_999)).map(([whole, part]) => `${whole}.${part}`),
  fc.constantFrom(
    '-0',
    '0',
    '-0.0',
    '1e-400',
    '1E+2',
    '1e2',
    '123456789012345678901234567890',
    '0.1',
    '9007199254740993',
  ),
  fc.constantFrom('1.7976931348623157e308', '4.9e-324', `1${'0'.repeat(250)}`, '0.30000000000000004', '100.00e-2'),
)
const number = mostly(
  goodNumber,
  fc.constantFrom('1e400', '-1e309', `1${'0'.repeat(309)}`, '01', '1.', '.5', '+1', '1e', '--1', '-', '0x1', 'NaN'),
)

const word = mostly(fc.constantFrom('true', 'false', 'null'), fc.constantFrom('nul', 'True', 'undefined', 'nulL'))

const { value } = fc.letrec<{ value: string; object: string; list: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, text, number, word, tie('object'), tie('list')),
  object: fc
    .array(fc.tuple(blank, name, blank, blank, tie('value'), blank), { maxLength: 5 })
    .map((members) => `{${members.map(([a, n, b, c, v, d]) => `${a}${n}${b}:${c}${v}${d}`).join(',')}}`),
  list: fc
    .array(fc.tuple(blank, tie('value'), blank), { maxLength: 4 })
    .map((all) => `[${all.map((one) => one.join('')).join(',')}]`),
}))

const keen = fc.constantFrom(
  '"keen":{"timestamp":"2019-04-01T10:00:00.000Z"}',
  '"keen" : { "location":{"coordinates":[1,2]}, "timestamp" :"2019-04-01" }',
  '"keen":{}',
  '"ke\\u0065n":{"addons":[]}',
  '"keen":{"id":"x"}',
  '"keen":3',
  '"keen":null',
  '"keen":{"timestamp":"2019-04-01T10:00Z","timestamp":"2020-01-01"}',
)

const body = fc
  .tuple(
    blank,
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.tuple(name, value).map((pair) => pair.join(':')) },
        { weight: 1, arbitrary: keen },
      ),
      { maxLength: 6 },
    ),
    blank,
  )
  .map(([before, members, behind]) => `${before}{${members.join(',')}}${behind}`)

/** What happens to bytes on their way. */
const fault = fc.oneof(
  { weight: 6, arbitrary: fc.constant((bytes: Buffer) => bytes) },
  { weight: 1, arbitrary: fc.nat().map((n) => (bytes: Buffer) => bytes.subarray(0, n % (bytes.length + 1))) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(), fc.nat(255)).map(([n, byte]) => (bytes: Buffer) => {
      const spoilt = Buffer.from(bytes)
      if (spoilt.length > 0) spoilt[n % spoilt.length] = byte
      return spoilt
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 4 })).map(([n, more]) => (bytes: Buffer) => {
      const at = n % (bytes.length + 1)
      return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
    }),
  },
  { weight: 1, arbitrary: fc.constant((bytes: Buffer) => Buffer.concat([Buffer.from('\ufeff'), bytes])) },
)

/** Values of records that follow each other: each text appears several times, with and without faults. */
export const recordValues: fc.Arbitrary<readonly Buffer[]> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: body }, { weight: 1, arbitrary: value }), { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(), fault), { maxLength: 12 }),
  )
  .map(([texts, uses]) => [
    ...texts.map((one) => Buffer.from(one)),
    ...uses.map(([n, spoil]) => spoil(Buffer.from(texts[n % texts.length]!))),
  ])
