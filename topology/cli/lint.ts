/** `topology lint`: what a topology file declares and its text shows that would hurt in production. */
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { styleText } from 'node:util'
import type { Problem } from '../declare/problem.ts'
import type { JsonValue } from '../model/json.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import { loadTopology } from './load-topology.ts'
import { printJson } from './print-json.ts'

export const lint: CommandDefinition = {
  name: 'lint',
  doc: 'Finds mistakes that would hurt in production. Exit code 1 when there are any; a topology that is not valid at all is exit code 2.',
  arguments: [{ name: 'FILE', doc: 'the topology file', isRequired: true }],
  options: [],
  common: ['json'],
  examples: ['topology lint topology.ts'],
  run: async (io, input) => {
    input.check()
    const file = input.operands[0]!
    const topology = await loadTopology(io, file)
    const { lintTopology } = await import('../declare/lint-topology.ts')
    const path = resolve(io.folder, file)
    const found = lintTopology(topology, [{ file: path, text: readFileSync(path, 'utf8') }])
    if (input.flag('json'))
      await printJson(
        io,
        input,
        found.map((one) => problemJson(io, one)),
      )
    else for (const one of found) await io.print(`${problemText(io, one)}\n`)
    if (found.length === 0 && !input.flag('json')) await io.print(`${file}: nothing found\n`)
    return found.length === 0 ? 0 : 1
  },
}

const problemJson = (io: CommandIo, { at, text, suggestion }: Problem): JsonValue => ({
  file: at === undefined ? null : relative(io.folder, at.file),
  line: at?.line ?? null,
  column: at?.column ?? null,
  text,
  suggestion: suggestion ?? null,
})

const problemText = (io: CommandIo, { at, text, suggestion }: Problem): string => {
  const place = at === undefined ? '' : `${relative(io.folder, at.file)}:${at.line}:${at.column}: `
  const advice = suggestion === undefined ? '' : `\n  ${suggestion}`
  const head = io.colour.stdout ? styleText('bold', place, { validateStream: false }) : place
  return `${head}${text}${advice}`
}
