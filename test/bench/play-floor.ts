/** One drain of a topic by the bare clients, in a process of its own. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('servers-floor.ts', import.meta.url))

/** Time that it took, ms. */
export const playFloor = (name: 'rollup' | 'events', topic: string, events: number): number => {
  // The bare Kafka client waits for a time that has passed, and is warned of it.
  const flags = ['--conditions=spillway-source', '--disable-warning=TimeoutNegativeWarning']
  const args = [...flags, script, name, topic, String(events), '1']
  const text = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const { elapsedMs }: { readonly elapsedMs: number } = JSON.parse(text)
  return elapsedMs
}
