/**
 * Finds variables of a module that the function of an RxJS operator counts up or appends to. Such state begins anew after
 * a crash and is shared by lanes that run side by side, so what is made of it is another each time (I-1).
 *
 * Reports only what is sure from the text: the name is declared once, outside of all brackets, and the change stands
 * within the brackets of a call that was imported from RxJS. Caches (`map.set`) and first-time values (`??=`) are left
 * alone, because they may well hold the same whoever fills them.
 */

interface StateChange {
  readonly index: number
  readonly text: string
}

/** Changes in masked code, in the order of the text. `rxNames` are the names imported from RxJS. */
export const moduleStateChanges = (code: string, rxNames: ReadonlySet<string>): readonly StateChange[] => {
  const names = moduleNames(code)
  if (names.length === 0 || rxNames.size === 0) return []
  const calls = rxCalls(code, rxNames)
  return names.flatMap((name) =>
    [...code.matchAll(changeOf(name))]
      .filter(({ index }) => calls.some(([start, end]) => index > start && index < end))
      .map(({ index, 0: found }) => ({ index, text: changeText(name, found) })),
  )
}

const changeText = (name: string, found: string): string =>
  `${found.replace(/\s+/g, '')}${found.endsWith('(') ? ')' : ''} changes ${name} of the module from within a bolt: after a crash it begins anew, and lanes share it`

const changeOf = (name: string): RegExp => {
  const own = ownName(name)
  return new RegExp(`${own}\\s*(?:\\+\\+|--|[-+*/%]=)|(?:\\+\\+|--)${own}|${own}\\.(?:push|unshift)\\(`, 'g')
}

/** Variables declared outside of all brackets, except those whose name is declared or bound once more somewhere. */
const moduleNames = (code: string): readonly string[] => {
  const depths = bracketDepths(code)
  const found = [...code.matchAll(/(?<![.\w$])(?:let|var|const)\s+([A-Za-z_$][\w$]*)(?=\s*[:=;\n])/g)]
  return found
    .filter(({ index }) => depths[index] === 0)
    .map((match) => match[1] ?? '')
    .filter((name) => !isBoundElsewhere(code, name, depths))
}

/**
 * Whether a name may stand for something else somewhere: declared once more, a parameter, a part of a pattern. A value
 * that is handed on looks like a parameter; then nothing is said rather than something wrong.
 */
const isBoundElsewhere = (code: string, name: string, depths: Uint16Array): boolean => {
  const own = ownName(name)
  const declared = code.match(new RegExp(`(?:let|var|const|function|class)\\s+${own}`, 'g'))?.length ?? 0
  if (declared > 1 || new RegExp(`${own}\\s*=>`).test(code)) return true
  const bound = new RegExp(`(?<=(?:[(,{[:]|\\.\\.\\.)\\s*)${own}(?=\\s*(?:[,)}\\]:?]|=[^=]))`, 'g')
  return [...code.matchAll(bound)].some(({ index }) => !isMemberName(code, index, name.length, depths))
}

/** `n` of `{ n: 1 }` binds nothing, whether it is an object or a pattern. */
const isMemberName = (code: string, index: number, length: number, depths: Uint16Array): boolean => {
  if (!/^\s*:/.test(code.slice(index + length, index + length + 20))) return false
  let open = index
  while (open > 0 && depths[open]! >= depths[index]!) open--
  return code[open] === '{'
}

const ownName = (name: string): string => `(?<![.\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`

/** Depth of brackets at each character. */
const bracketDepths = (code: string): Uint16Array => {
  const depths = new Uint16Array(code.length)
  let depth = 0
  for (let index = 0; index < code.length; index++) {
    const character = code[index]!
    if (')]}'.includes(character)) depth = Math.max(0, depth - 1)
    depths[index] = depth
    if ('([{'.includes(character)) depth++
  }
  return depths
}

/** Where the arguments of calls of the names begin and end. */
const rxCalls = (code: string, names: ReadonlySet<string>): readonly (readonly [number, number])[] => {
  const depths = bracketDepths(code)
  return [...code.matchAll(/(?<![.\w$])([A-Za-z_$][\w$]*)\s*(?:<[^()]*>)?\(/g)]
    .filter((match) => names.has(match[1] ?? ''))
    .map((match) => {
      const open = match.index + match[0].length - 1
      const depth = depths[open]!
      let end = open + 1
      while (end < code.length && depths[end]! > depth) end++
      return [open, end] as const
    })
}
