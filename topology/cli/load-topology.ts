/**
 * Imports the user's topology file. Node itself strips the types, so what it refuses is said in the words of the person
 * who wrote the file.
 */
import { statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf } from '../model/spillway-error.ts'
import type { Topology } from '../model/topology.ts'
import type { CommandIo } from './command.ts'
import { type UsageProblem, UsageProblems } from './usage-problems.ts'

/** The topology that the file exports by default. Throws `UsageProblems` with everything that is wrong with it. */
export const loadTopology = async (io: Pick<CommandIo, 'folder'>, file: string): Promise<Topology> => {
  const path = resolve(io.folder, file)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true)
    throw new UsageProblems([{ at: file, text: found === undefined ? 'there is no such file' : 'is no file' }])
  if (!/\.[cm]?[jt]s$/.test(path))
    throw new UsageProblems([{ at: file, text: 'is no topology: a file ends in .ts, .mts, .js or .mjs' }])
  const { isTopology } = await import('../declare/define-topology.ts')
  const module = await importFile(io, path, file)
  if (isTopology(module['default'])) return module['default']
  const named = Object.keys(module).find((name) => isTopology(module[name]))
  const text =
    named === undefined
      ? 'does not export a topology by default'
      : `exports the topology as ${JSON.stringify(named)}, not by default`
  throw new UsageProblems([{ at: file, text, hint: 'Write `export default defineTopology(...)`.' }])
}

const importFile = async (
  io: Pick<CommandIo, 'folder'>,
  path: string,
  file: string,
): Promise<Readonly<Record<string, unknown>>> => {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    throw new UsageProblems(await problemsOf(io, error, path, file))
  }
}

const problemsOf = async (
  io: Pick<CommandIo, 'folder'>,
  error: unknown,
  path: string,
  file: string,
): Promise<readonly UsageProblem[]> => {
  const { TopologyProblems } = await import('../declare/topology-problems.ts')
  if (error instanceof TopologyProblems)
    return error.problems.map(({ text, suggestion, at }) => ({
      at: at === undefined ? file : `${relative(io.folder, at.file)}:${at.line}:${at.column}`,
      text,
      ...(suggestion === undefined ? {} : { hint: suggestion.replace(/[^.?!]$/, '$&.') }),
    }))
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return [{ at: placeIn(stack, path, file), text: firstLine(messageOf(error)), ...hintOf(error) }]
}

/** `topology.ts:3:5` from a stack trace, or from the heading line of a syntax error. */
const placeIn = (stack: string, path: string, file: string): string => {
  const url = pathToFileURL(path).href
  for (const name of [url, path]) {
    const rest = stack.split(name)[1]
    const place = rest === undefined ? undefined : /^(?:\?[^:\s]*)?((?::\d+){1,2})/.exec(rest)
    if (place?.[1] !== undefined) return `${file}${place[1]}`
  }
  return file
}

const firstLine = (text: string): string => text.split('\n')[0] ?? text

const hints: Readonly<Record<string, string>> = {
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    'Node runs TypeScript by taking the types out: enum, namespace, parameter properties and decorators have no place in a topology file.',
  ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING:
    'Node runs no TypeScript below node_modules: copy the file into your project.',
  ERR_MODULE_NOT_FOUND: 'Check the path of the import (relative imports need their ending) and `npm install`.',
  ERR_UNKNOWN_FILE_EXTENSION: 'A file ends in .ts, .mts, .js or .mjs.',
}

const hintOf = (error: unknown): { readonly hint?: string } => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  if (messageOf(error).includes('does not provide an export named'))
    return { hint: 'A type is imported by `import type`.' }
  const hint = hints[code]
  return hint === undefined ? {} : { hint }
}
