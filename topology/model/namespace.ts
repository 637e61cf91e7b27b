/**
 * Names of what a replay writes: a sink of the namespace `shadow` is called `revenue@shadow`, in the ledger, as a table
 * and in the manifest, and objects carry `<topology>.shadow`. No declared sink holds an `@` and no topology a dot, so a
 * replay can never meet the live results (I-1).
 */
import type { LedgerKey } from './ports/ledger.ts'

const namespaceShape = /^[a-z0-9-]{1,40}$/

/** Why a text cannot be a namespace, `undefined` when it can. */
export const namespaceProblem = (name: string): string | undefined =>
  name === liveNamespace
    ? `${liveNamespace} is the name of the declared sinks themselves`
    : namespaceShape.test(name)
      ? undefined
      : 'a namespace has 1 to 40 characters: a to z, 0 to 9 and -'

/** What `--namespace` calls the declared sinks themselves; no replay may be called so. */
export const liveNamespace = 'live'

/** Name of a sink in a namespace; without one the sink's own. */
export const namespacedSink = (sink: string, namespace: string | undefined): string =>
  namespace === undefined ? sink : `${sink}@${namespace}`

/** The namespace in the name of a sink; `undefined` for a declared one. */
export const namespaceOf = (sink: string): string | undefined => {
  const at = sink.lastIndexOf('@')
  return at < 0 ? undefined : sink.slice(at + 1)
}

/** The declared sink behind a name, whatever its namespace. */
export const declaredSink = (sink: string): string => {
  const at = sink.lastIndexOf('@')
  return at < 0 ? sink : sink.slice(0, at)
}

/** What object names begin with: the topology, with the namespace behind a dot. */
export const namespacedTopology = (topology: string, namespace: string | undefined): string =>
  namespace === undefined ? topology : `${topology}.${namespace}`

/** Key of the ledger document that says which namespaces are read. No topology has a dot in its name. */
export const catalogueKey = (topology: string): LedgerKey => ({
  topology: `${topology}.catalogue`,
  spout: 'served',
  partition: 0,
})
