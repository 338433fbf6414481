import { commandIn, type Measure, usage } from "./command-line.ts";
import { environment, versions } from "./environment.ts";
import { goalsTable, outcomesOf } from "./goals.ts";
import { goalsMarkdown, markdownOf } from "./markdown.ts";
import { tableOf } from "./report.ts";
import type { Result, Suite } from "./suite.ts";
import { externalSuite } from "./suites/external-cluster.ts";
import { suites } from "./suites/index.ts";
import { etcdLoad, etcdPrograms } from "./systems/etcd-programs.ts";
import { findGoProgram } from "./systems/go-programs.ts";

const names = suites.map(({ name }) => name);
const command = commandIn(process.argv.slice(2), names);
switch (command.type) {
  case "help":
    console.log(usage);
    break;
  case "list":
    for (const { name, about, byNameOnly } of suites) {
      console.log(`${name.padEnd(18)}${byNameOnly ? "(only by name) " : ""}${about}`);
    }
    break;
  case "wrong":
    console.error(`${command.why}\n\n${usage}`);
    process.exitCode = 2;
    break;
  case "measure":
    await measure(command);
}

async function measure(command: Measure): Promise<void> {
  const chosen = chosenBy(command);
  if (command.url === undefined) sayWhatIsMissing();
  const results: Result[] = [];
  const progress = (line: string) => console.error(line);
  for (const suite of chosen) {
    const startedMs = performance.now();
    try {
      results.push(...(await suite.run({ ...command, isChosen: command.only !== undefined, progress })));
    } catch (error) {
      console.error(`${suite.name} failed:`, error);
      process.exitCode = 1;
    }
    progress(`${suite.name} took ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  }
  const goals = outcomesOf(results);
  if (command.json) {
    const all = { environment: await environment(), versions: await versions(), results, goals };
    console.log(JSON.stringify(all, undefined, 2));
  } else if (command.markdown) {
    console.log(`${markdownOf(chosen, results)}\n\n${goalsMarkdown(goals)}`);
  } else {
    console.log(`\n${tableOf(chosen, results)}`);
    if (command.url === undefined) console.log(`goals\n\n${goalsTable(goals)}`);
  }
}

function chosenBy({ url, only }: Measure): readonly Suite[] {
  if (url !== undefined) return [externalSuite(url)];
  return suites.filter(({ name, byNameOnly }) => (only === undefined ? !byNameOnly : only.includes(name)));
}

function sayWhatIsMissing(): void {
  const install = "see `npm run setup`";
  if (etcdPrograms.length === 0) console.error(`etcd is not installed and is skipped; ${install}`);
  else if (findGoProgram("etcd") === undefined) {
    console.error(`the newest etcd is not built: only the installed one is measured; ${install}`);
  }
  if (etcdLoad === undefined) {
    console.error(`the load for etcd is not built: only its JSON gateway is measured; ${install}`);
  }
}
