/** Which face of an answer a person or program wants, and which words of the command line go together. */
import type { CommandInput } from './command-input.ts'

export type QueryView = 'json' | 'csv' | 'chart' | 'table'

/** Notes what cannot be had together. */
export const readQueryView = (input: CommandInput): QueryView => {
  const asked = (['json', 'csv', 'chart'] as const).filter((name) => input.flag(name))
  const [view = 'table', other] = asked
  if (other !== undefined) input.note({ at: `--${other}`, text: `cannot be had together with --${view}` })
  if (input.text('value') !== undefined && view !== 'chart')
    input.note({ at: '--value', text: 'says what --chart draws, and stands beside it' })
  return view
}
