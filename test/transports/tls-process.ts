import process from "node:process";
import { mistakeAt } from "./mistake.ts";

// Prints what is wrong with each URL that is given.
for (const url of process.argv.slice(2)) console.log(await mistakeAt(url));
process.exit(0);
