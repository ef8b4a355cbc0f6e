// The page in a real browser, with the real chatd (CHATD) and chatcli (CHATCLI). One process and
// one chromium for all subjects; --test-name-pattern chooses among them.

import {allLoaded} from './support.mjs';
import './talk.mjs';
import './outage.mjs';
import './bad_network.mjs';
import './tabs.mjs';
import './hostile.mjs';
import './scroll.mjs';
import './reach.mjs';

allLoaded();
