import { describe, expect, it } from 'vitest'
import { wordsOfText } from '../../../../topology/testing/simulation/draw/words-of-text.ts'

const propertiesOf = (text: string): Record<string, unknown> =>
  Object.fromEntries(wordsOfText(text).properties.map(({ path, values }) => [path.join('.'), values]))

describe('words of a text', () => {
  it('are the properties that it reads of bodies', () => {
    expect(propertiesOf("map((event) => event.body.item.price + event.body['tax rate']!)")).toEqual({
      'item.price': [],
      'tax rate': [],
    })
    expect(propertiesOf('map(({ body }) => body?.customer?.city)')).toEqual({ 'customer.city': [] })
    expect(propertiesOf('const { kind, price: paid = 0 } = event.body')).toEqual({ kind: [], price: [] })
  })

  it('are the values that it compares them with', () => {
    expect(propertiesOf("event.body.kind === 'sale' && 10 <= event.body.price && body.gone !== true")).toEqual({
      kind: ['sale'],
      price: [10],
      gone: [true],
    })
    expect(propertiesOf('[\'a\', "b"].includes(event.body.kind)')).toEqual({ kind: ['a', 'b'] })
    expect(propertiesOf("event.body.url.startsWith('https://')")).toEqual({ url: ['https://'] })
  })

  it('are collections and projects that it asks for', () => {
    const { collections, projects } = wordsOfText("e.collection === 'purchases' || 'acme' !== e.project")
    expect([collections, projects]).toEqual([['purchases'], ['acme']])
  })

  it('are its short texts, but for those of comments and imports', () => {
    const text = "import { a } from 'rxjs'\n// 'never'\nconst wanted = new Set(['gold', \"it\\'s\"])"
    expect(wordsOfText(text).texts).toEqual(['gold', "it's"])
  })

  it('are no methods and no properties of events', () => {
    expect(propertiesOf('t.spout("events"); event.withBody(event.body); event.timestamp > 5')).toEqual({})
  })

  it('are presence alone where a text asks for no more', () => {
    expect(wordsOfText("if ('poison' in event.body) throw new Error()").properties).toEqual([
      { path: ['poison'], values: [], isRare: true },
    ])
  })
})
