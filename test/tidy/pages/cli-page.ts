/** `docs/cli.md`: the help of the program and of each command, as `--help` prints it. */
import { commandTable } from '../../../topology/cli/command-table.ts'
import { helpOfCommand, helpOfProgram } from '../../../topology/cli/commander-program.ts'
import { generatedNote } from './page-parts.ts'

const columns = 100

const fenced = (text: string): string => `\`\`\`text\n${text.trim()}\n\`\`\`\n`

export const cliPage = async (): Promise<string> => {
  const commands = await Promise.all(commandTable.map(({ load }) => load()))
  const sections = commands.map(
    (command) => `## topology ${command.name}\n\n${fenced(helpOfCommand(command, columns))}`,
  )
  return `# The command line

${generatedNote}

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.

${fenced(helpOfProgram(columns))}
${sections.join('\n')}`
}
