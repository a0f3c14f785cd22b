import { readFileSync } from 'node:fs'

// Prints how many tests passed and failed by vitest's JSON report. A file that did not load counts as one failure, and
// so does an end with an error that no test stands for.
const [, , file, exitCode] = process.argv
const report = read(file)
const unloaded = report.testResults.filter(result => result.status === 'failed' && result.assertionResults.length === 0)
const failed = report.numFailedTests + unloaded.length
process.stdout.write(`${report.numPassedTests} ${failed === 0 && exitCode !== '0' ? 1 : failed}\n`)

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { testResults: [], numPassedTests: 0, numFailedTests: 1 }
  }
}
