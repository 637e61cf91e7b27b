/** Runs what the head comment of an example tells a person to type, with the real program, in a folder of the test. */
import { readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type CliExit, topology } from '../drills/cli-process.ts'

const repository = resolve(import.meta.dirname, '../..')

/** The last answer with `--json`, after all commands before it. Throws with what was said when one fails. */
export const runDocumented = async (file: string, folder: string): Promise<unknown> => {
  symlinkSync(join(repository, 'examples'), join(folder, 'examples'))
  const text = readFileSync(join(repository, file), 'utf8')
  const exported = [...text.matchAll(/\b(SPILLWAY_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])
  const commands = [...text.matchAll(/^ \* {5}npm run topology -- (.*)$/gm)].map(([, line = '']) => line.split(' '))
  let last: CliExit | undefined
  for (const [index, words] of commands.entries()) {
    const more = index === commands.length - 1 ? ['--json'] : []
    last = await topology(folder, [...words, ...more], Object.fromEntries(exported))
    if (last.code !== 0) throw new Error(`${words.join(' ')}: ${last.stderr}`)
  }
  return JSON.parse(last?.stdout ?? 'null')
}
