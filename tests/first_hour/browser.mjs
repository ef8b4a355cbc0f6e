// A browser that is told what to do a line at a time: browser.mjs URL
//   sees TEXT   waits until a message with that text stands in the page, and prints the line
//   says TEXT   types it and presses Enter
//   online      waits until the page says that it is, and prints the line

import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';

const {chromium} = createRequire(new URL('../web/browser/', import.meta.url))('playwright-core');
const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
const page = await browser.newPage();
page.setDefaultTimeout(20_000);
await page.goto(process.argv[2]);
await page.waitForSelector('.rows .row');
console.log(`shown after ${Math.round(await page.evaluate(() => performance.now()))} ms`);

for await (const line of createInterface({input: process.stdin})) {
    const [verb, text] = [line.split(' ', 1)[0], line.slice(5)];
    if (verb === 'sees') await page.waitForSelector(`.rows .row:has-text(${JSON.stringify(text)})`);
    if (verb === 'online') await page.waitForSelector('#badge[data-state=online]');
    if (verb === 'says') {
        await page.fill('#box', text);
        await page.press('#box', 'Enter');
    } else {
        console.log(line);
    }
}
await browser.close();
