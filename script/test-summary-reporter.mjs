// A vitest reporter: writes `N passed, N failed` over all suites to the file that TEST_SUMMARY_FILE names.
import { writeFileSync } from 'node:fs';

export default class TestSummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    // An error outside any test fails the run too.
    let failed = unhandledErrors.length;
    for (const module of modules) {
      // A file that cannot be loaded, or a hook that throws, may leave no test to blame.
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
      }
    }
    const file = process.env.TEST_SUMMARY_FILE;
    if (file !== undefined) writeFileSync(file, `${passed} passed, ${failed} failed\n`);
  }
}
