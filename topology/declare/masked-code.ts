/**
 * TypeScript source with the content of comments, strings and regular expressions blanked out, character for character,
 * so that a search finds code only and every index still means the same place.
 */

// Longest forms first. A template is masked up to its first `${`; what follows is code again until the brace closes.
const commentOrString = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^'\\\n]|\\[\s\S])*'?|"(?:[^"\\\n]|\\[\s\S])*"?/y
const templatePart = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y
const regularExpression = /\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y

export const maskedCode = (text: string): string => {
  let code = ''
  let index = 0
  // Depth of braces within each template expression that is open.
  const depths: number[] = []
  const mask = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = index
    const match = pattern.exec(text)?.[0]
    if (match === undefined || match === '') return undefined
    code += match.replace(/[^\n]/g, ' ')
    index += match.length
    return match
  }
  while (index < text.length) {
    const character = text[index]!
    const isTemplate = character === '`' || (character === '}' && depths.at(-1) === 0)
    if (isTemplate) {
      code += ' '
      index++
      if (character === '}') depths.pop()
      if (mask(templatePart)?.endsWith('${')) depths.push(0)
      continue
    }
    if (mask(commentOrString) !== undefined) continue
    if (character === '/' && isRegularExpression(code) && mask(regularExpression) !== undefined) continue
    if (character === '{' && depths.length > 0) depths[depths.length - 1]!++
    if (character === '}' && depths.length > 0) depths[depths.length - 1]!--
    code += character
    index++
  }
  return code
}

/** Behind an operator or an opening bracket a slash begins a regular expression; behind a value it divides. */
const isRegularExpression = (before: string): boolean =>
  /(?:^|[(,=:[!&|?{};>+*%~^-]|\breturn)\s*$/.test(before.slice(-40))
