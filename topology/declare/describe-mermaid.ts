/** The description as a Mermaid flowchart, for pages that draw it. */
import type { Description } from './describe-topology.ts'

/**
 * A complete diagram. Node ids are made here (`n0`, `n1`), so that no name can be a word of Mermaid's; names and
 * everything else that users wrote stand in quoted labels only.
 */
export const describeMermaid = (description: Description): string => {
  const ids = new Map<string, string>()
  const idOf = (key: string): string => {
    const id = ids.get(key) ?? `n${ids.size}`
    ids.set(key, id)
    return id
  }
  const { spouts, bolts, sinks } = description
  const lines = [
    'flowchart LR',
    ...spouts.map((spout) => `  ${idOf(spout.name)}(["${label(spout.name, spout.log ?? 'log')}"])`),
    ...bolts.map((bolt) => `  ${idOf(bolt.name)}["${label(bolt.name, bolt.operator?.name ?? 'RxJS')}"]`),
    ...sinks.map((sink) => `  ${idOf(`sink ${sink.name}`)}[("${label(sink.name, sink.sink)}")]`),
    ...bolts.flatMap((bolt) => bolt.inputs.map((input) => `  ${idOf(input)} --> ${idOf(bolt.name)}`)),
    ...sinks.flatMap((sink) => sink.inputs.map((input) => `  ${idOf(input)} --> ${idOf(`sink ${sink.name}`)}`)),
  ]
  return `${lines.join('\n')}\n`
}

const label = (name: string, kind: string): string => `${escaped(name)}<br/>${escaped(kind)}`

// Mermaid reads #35; as a character reference; letters, digits and a few harmless signs stay readable.
const escaped = (text: string): string =>
  text.replace(/[^\p{L}\p{N} _./:,-]/gu, (character) => `#${character.codePointAt(0) ?? 0xfffd};`)
