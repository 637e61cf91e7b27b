/** All `--where` of a command line as filters. */
import type { Filter } from '../model/filter.ts'
import type { CommandInput } from './command-input.ts'
import { parseWhere } from './parse-where.ts'

export const readWhere = (input: CommandInput): readonly Filter[] => {
  const filters: Filter[] = []
  for (const text of input.texts('where')) {
    const filter = parseWhere(text)
    if ('problem' in filter) input.note({ at: '--where', text: filter.problem })
    else filters.push(filter)
  }
  return filters
}
