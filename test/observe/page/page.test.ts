import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { pagePolicy, pageText } from '../../../topology/observe/page/page.ts'
import { pageScript } from '../../../topology/observe/page/page-script.ts'

const page = pageText('shop')

const voidTags = new Set(['meta', 'link', 'br', 'path', 'line'])

/** Tags in order, each closed by its own. */
const openTags = (html: string): readonly string[] => {
  const open: string[] = []
  const markup = html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
  for (const [, closes, name = ''] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (voidTags.has(name)) continue
    if (closes === '') open.push(name)
    else if (open.pop() !== name) throw new Error(`</${name}> closes something else`)
  }
  return open
}

describe('C16: the status page', () => {
  test('is well-formed, and its script can be read', () => {
    expect(openTags(page)).toEqual([])
    expect(() => new Script(pageScript)).not.toThrow()
  })
  test('has every place that its script fills, once', () => {
    const ids = [...page.matchAll(/\bid="([\w-]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const filled = [...pageScript.matchAll(/\b(?:at|fill|table)\('([\w-]+)'/g)].map(([, id]) => id)
    for (const id of filled) expect(ids).toContain(id)
  })
  test('loads nothing from anywhere', () => {
    expect(page).not.toMatch(/(?:src|href)="(?!\/|data:,")|@import|url\(/)
    expect(page.match(/<(?:script|style|link|img|iframe)\b[^>]*>/g)).toEqual([
      '<link rel="icon" href="data:,">',
      '<style>',
      '<script>',
    ])
  })
  test('is let in by its own policy, and nothing else is', () => {
    for (const tag of ['script', 'style']) {
      const text = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? ''
      expect(pagePolicy).toContain(`${tag}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    }
    expect(pagePolicy).toMatch(/^default-src 'none'/)
    expect(pagePolicy).not.toContain('unsafe')
  })
  test('sets data as text, never as markup', () => {
    expect(pageScript).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.on[a-z]+ ?=/,
    )
    expect(pageText('<script>alert("x")</script>&')).toContain(
      '<h1 id="name">&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;</h1>',
    )
  })
  test('can be read on a phone, in the dark, and by a screen reader', () => {
    expect(page).toContain('name="viewport"')
    expect(page).toContain('prefers-color-scheme: dark')
    expect(page).toMatch(/<html lang="en">/)
    expect(page.match(/<table><caption>/g)).toHaveLength(5)
    expect(page).toContain('role="status"')
  })
})

/** What the script says of a verdict. */
const verdictOnPage = (verdict: { readonly kind: string; readonly text: string }): unknown => {
  const source = /const verdictText = [^\n]+/.exec(pageScript)?.[0] ?? ''
  return new Script(`${source}; verdictText(${JSON.stringify(verdict)})`).runInNewContext()
}

test('the page says the kind of a verdict once', () => {
  expect(verdictOnPage({ kind: 'surge', text: 'surge: 4 x the usual input' })).toBe('surge: 4 x the usual input')
  expect(verdictOnPage({ kind: 'catching-up', text: 'catching up: 9 events' })).toBe('catching up: 9 events')
  expect(verdictOnPage({ kind: 'ok', text: 'all branches follow the log' })).toBe('ok: all branches follow the log')
})

test('the page says a command that a shell takes as it is', () => {
  expect(pageScript).toContain("alert.symptom.replaceAll('\\x60', '')")
})
