/** Under which name a sink's results stand: its own, or the one that they have in the namespace of a replay. */
import { namespacedSink } from '../model/namespace.ts'
import type { CommandInput } from './command-input.ts'
import { didYouMean } from './did-you-mean.ts'
import type { Reader } from './open-reader.ts'
import { readNamespaces } from './replay-report.ts'
import { UsageProblems } from './usage-problems.ts'

/** What `--namespace` names, `undefined` without it. Throws `UsageProblems` with the namespaces that there are. */
export const readNamespace = async (
  input: CommandInput,
  { ledger, topology }: Pick<Reader, 'ledger' | 'topology'>,
): Promise<string | undefined> => {
  const wanted = input.text('namespace')
  if (wanted === undefined) return undefined
  const names = await readNamespaces(ledger, topology.topology)
  if (names.includes(wanted)) return wanted
  const text = `no replay ${JSON.stringify(wanted)}${didYouMean(wanted, names)}`
  const hint = names.length === 0 ? 'There are none: `topology replay` makes one.' : `There are ${names.join(', ')}.`
  throw new UsageProblems([{ at: '--namespace', text, hint }])
}

export const storedName = async (
  input: CommandInput,
  reader: Pick<Reader, 'ledger' | 'topology'>,
  sink: string,
): Promise<string> => namespacedSink(sink, await readNamespace(input, reader))
