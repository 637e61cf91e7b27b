import { expect, test } from 'vitest'
import { lintSource } from '../../topology/declare/lint-source.ts'
import { formatProblem } from '../../topology/declare/problem.ts'

const places = (text: string): readonly string[] =>
  lintSource({ file: 'a.ts', text }).map((one) => formatProblem(one).split(' ').slice(0, 2).join(' '))

test('offenders are found where they stand, in the order of the text', () => {
  const text = `import { map, delay as wait, shareReplay, interval } from 'rxjs'
const now = map(() => Date.now() + Math.random())
const at = new Date()
const kept = shareReplay<number>(1)
events.bolt('a', map(() => fetch('/x')))
setTimeout(() => {}, 1)
interval(5)
`
  expect(places(text)).toEqual([
    'a.ts:2:23: Date.now()',
    'a.ts:2:36: Math.random()',
    'a.ts:3:12: new',
    'a.ts:4:14: shareReplay()',
    'a.ts:5:28: fetch()',
    'a.ts:6:1: setTimeout()',
    'a.ts:7:1: interval()',
  ])
})

test('comments, strings, templates and regular expressions are no code', () => {
  const quoted = [
    '// Date.now()',
    '/* fetch(1) */',
    "'fetch(1)'",
    '"fetch(1)"',
    '`fetch(1)`',
    '/fetch(1)/',
    "'\\'fetch(1)'",
  ]
  for (const text of quoted) expect(places(`x = ${text}`)).toEqual([])
})

test('code within a template, and behind a division, is read', () => {
  expect(places('`a $' + '{ { b: fetch(1) } } c` + fetch(2)')).toEqual(['a.ts:1:12: fetch()', 'a.ts:1:30: fetch()'])
  expect(places('a / fetch(1) / b')).toEqual(['a.ts:1:5: fetch()'])
})

test('a name of RxJS counts where it is imported from there', () => {
  expect(places("import { share } from './mine.ts'\nshare(1)")).toEqual([])
  expect(places("import { share } from 'rxjs'\nshare()\nprices.share()")).toEqual(['a.ts:2:1: share()'])
})

test('new Date(...) of a value is no wall clock', () => {
  expect(places('new Date(event.timestamp)')).toEqual([])
})

test('a collection that no event can have is named', () => {
  const text = "filter((e) => e.collection === '_private' || e.collection === 'sales')"
  expect(lintSource({ file: 'a.ts', text }).map((one) => one.text)).toEqual([
    'collection "_private" starts with _: no event has this collection',
  ])
})

const rx = "import { filter, map, tap } from 'rxjs'\n"

test.each([
  ['let n = 0\nmap((e) => e.withBody({ n: n++ }))', 'n++ changes n of the module'],
  ['let n: number = 0\nmap((e) => ({ ...e, m: 1, n: ++n }))', '++n changes n of the module'],
  ['export let sum = 0\ntap((e: Event) => { sum += e.size })', 'sum+= changes sum of the module'],
  ['const seen: string[] = []\nfilter((e) => seen.push(e.id) > 0)', 'seen.push() changes seen of the module'],
])('state of the module that a bolt changes is told: %s', (text, said) => {
  expect(lintSource({ file: 'a.ts', text: rx + text }).map((one) => one.text)).toEqual([
    `${said} from within a bolt: after a crash it begins anew, and lanes share it`,
  ])
})

test.each([
  'let n = 0\nfor (const one of list) n++',
  'const names: string[] = []\nfor (const one of list) names.push(one)\nmap((e) => names.length)',
  'map((e) => { let n = 0; n++; return n })',
  'let n = 0\nmap((e) => { let n = 0; n++; return n })',
  'let n = 0\nmap((n) => n++)\nmap(n => n++)',
  'let n = 0\nmap((e, n: number) => n++)\nmap(({ n }) => n++)\nmap(({ m: n }) => n++)',
  'let n = 0\nconst next = () => n++',
  'const cache = new Map()\nmap((e) => cache.set(e.id, e))',
  'let table: Table | undefined\nmap((e) => { table ??= load(); return table.get(e) })',
  'let n = 0\nmap((e) => e.n++ + n)',
  'const list = []\nmap((e) => e.list.push(1))',
])('what is not surely state of the module that a bolt changes is left alone: %s', (text) => {
  expect(lintSource({ file: 'a.ts', text: rx + text })).toEqual([])
})

test.each([
  ['C21: a buffer without a bound', 'bufferWhen(() => done)', 'collects without a bound'],
  ['C21: a timeout inside of a bolt', 'timeout(500)', 'goes by the wall clock'],
  ['C21: a record that fails and becomes no dead letter', 'catchError(() => EMPTY)', 'becomes no dead letter'],
  ['C11: repetitions that nobody counts', 'retry({ delay: 100 })', 'nobody counts how often'],
])('%s is told', (_, call, said) => {
  const [name] = call.split('(')
  const text = `import { ${name} } from 'rxjs'\nevents.bolt('a', pipe(${call}))`
  expect(lintSource({ file: 'a.ts', text }).map((one) => one.text)).toEqual([expect.stringContaining(said)])
  expect(lintSource({ file: 'a.ts', text: text.replace('rxjs', './mine.ts') })).toEqual([])
})

test('C11: attempts without an end are told, bounded ones are not', () => {
  const texts = (code: string): readonly string[] => lintSource({ file: 'a.ts', text: code }).map((one) => one.text)
  for (const loop of ['while (true)', 'while(1)', 'for (;;)', 'for ( ; ; )'])
    expect(texts(`map((e) => { ${loop} { try { return ask(e) } catch {} } })`)).toEqual([
      expect.stringContaining('ends by nothing but itself'),
    ])
  expect(texts('for (let tries = 0; tries < 3; tries++) ask(e)')).toEqual([])
})

test('C21: a sink without a budget of memory is told', () => {
  const texts = (code: string): readonly string[] => lintSource({ file: 'a.ts', text: code }).map((one) => one.text)
  for (const code of ['{ heldBytes: () => 0, }', '{ heldBytes: (): number => 0\n}', '{ heldBytes() { return 0 } }'])
    expect(texts(code)).toEqual([expect.stringContaining('has no budget')])
  expect(texts('{ heldBytes: () => taken.size * 64, spilledBytes: () => 0 }')).toEqual([])
})
