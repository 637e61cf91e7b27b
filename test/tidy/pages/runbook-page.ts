/** `docs/runbook.md`, printed from the table that `topology runbook` reads. */
import { runbook, type Symptom } from '../../../topology/model/runbook.ts'
import { generatedNote } from './page-parts.ts'

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}\n`).join('')

const symptomText = ({ number, name, say, steps, checks, knobs, commands }: Symptom): string => {
  const checkLines = checks.map(
    ({ question, byHand }) =>
      `${question}?${byHand === undefined ? '' : ` By hand: ${byHand.replaceAll('<', '&lt;')}`}`,
  )
  return `## ${number}. ${name}

Say first: ${say}

${steps.map((step, index) => `${index + 1}. ${step}\n`).join('')}
Checks:

${list(checkLines)}
Knobs: ${knobs.map((knob) => `\`${knob}\``).join(', ')}

\`\`\`text
${commands.join('\n')}
\`\`\`
`
}

export const runbookPage = (): string => `# Runbook

${generatedNote}

\`topology runbook\` shows the same with the checks done and the values of today: without an argument all symptoms, those that are
there now marked; with a number, a name or words one of them. For every symptom the order is the same: say it, stop the harm,
then find the cause. An incident stays open until its cause is known.

${runbook.map(symptomText).join('\n')}`
