import process from "node:process";
import { mistakeAt } from "./mistake.ts";

// Prints the mistake in each given URL.
for (const url of process.argv.slice(2)) console.log(await mistakeAt(url));
process.exit(0);
