/*
 * The window log of the rate limiter, as src/shared/rate-limiter/place-permit.lua places permits, in steps of time.
 *
 * Constants come from the code by -D: CALLS (N), WINDOW, TOLERANCE, HORIZON, OUTSTANDING, all scaled down together.
 * Departures may come at any moment within the tolerance; notes of them may be lost or late; permits may be given back,
 * forgotten by a process that dies, or placed later than need be; the log may be lost, again and again.
 *
 * Proved: no window ever holds more than CALLS departures. With BEYOND, one call at a time leaves later than the
 * tolerance, and what is proved is CALLS + 1; with STRICT on top, that it can be that many.
 *
 * Mutants, each of which must fail: NO_COOL_DOWN, NO_TOLERANCE, SHORT_WINDOW, NO_BOUND, EARLY_GRANT.
 */
#define PERMITS (2 * CALLS + 2)
#define NONE 127 /* an entry that is not there */

#ifdef SHORT_WINDOW
#define KEPT (WINDOW - 1)
#else
#define KEPT WINDOW
#endif
#ifdef NO_TOLERANCE
#define ALLOWED 0
#else
#define ALLOWED TOLERANCE
#endif
#if defined(BEYOND) && !defined(STRICT)
#define MOST (CALLS + 1)
#else
#define MOST CALLS
#endif
#ifdef NO_BOUND
#define BOUND_HOLDS true
#else
#define BOUND_HOLDS (outstanding < OUTSTANDING)
#endif
#if defined(EARLY_GRANT) || defined(NO_COOL_DOWN)
#define LOG_IS_KNOWN true
#else
#define LOG_IS_KNOWN (since >= REACH)
#endif
#define REACH (HORIZON + TOLERANCE)

/* All times are relative to now, so that nothing grows without end. */
short due[PERMITS];   /* of a permit in use: steps until it is due, negative when it is late */
short entry[PERMITS]; /* its time in the log, NONE if it is not there */
byte gone[PERMITS];   /* steps since its call left; WINDOW: longer ago, or never */
bool used[PERMITS];   /* a process holds it */
byte since = WINDOW + REACH; /* steps since the log was begun, as far as it matters */
bool beyond = false;  /* one call is later than the tolerance */
byte departures = 0;  /* within the last WINDOW steps */

/* How many entries are later than this; for placing and for the bound. */
inline count_after(time, result) {
  result = 0;
  k = 0;
  do
  :: k < PERMITS -> result = result + (entry[k] != NONE && entry[k] > time); k++
  :: else -> break
  od
}

/* Whether a permit may be planned so many steps ahead: fewer than N taken in the window that it ends. */
inline is_free(planned, result) {
  count_after(planned - KEPT, taken);
#ifndef NO_COOL_DOWN
  if
  :: planned + since < KEPT -> taken = CALLS
  :: planned + since >= KEPT && planned + since < KEPT + REACH -> taken = taken + OUTSTANDING
  :: else -> skip
  fi;
#endif
  result = (taken < CALLS)
}

inline place() {
  slot = 0;
  do
  :: slot < PERMITS && (used[slot] || entry[slot] != NONE || gone[slot] < WINDOW) -> slot++
  :: else -> break
  od;
  count_after(0, outstanding);
  if
  :: slot < PERMITS && BOUND_HOLDS && LOG_IS_KNOWN ->
     /* At the first free step, or later: the interval is a preference. */
     ahead = 0;
     do
     :: ahead < HORIZON -> ahead++
     :: break
     od;
     is_free(ahead, free);
     if
     :: free -> used[slot] = true; due[slot] = ahead; entry[slot] = ahead + ALLOWED
     :: else -> skip
     fi
  :: else -> skip
  fi
}

inline tick() {
  departures = 0;
  beyond = false;
  k = 0;
  do
  :: k < PERMITS ->
     if
     :: used[k] ->
        due[k]--;
        if
#ifdef BEYOND
        :: due[k] < -TOLERANCE - WINDOW -> used[k] = false; due[k] = 0
        :: due[k] < -TOLERANCE && !beyond && due[k] >= -TOLERANCE - WINDOW -> beyond = true
        :: due[k] < -TOLERANCE -> used[k] = false; due[k] = 0
#else
        :: due[k] < -TOLERANCE -> used[k] = false; due[k] = 0 /* it stays here; its entry runs out */
#endif
        :: else -> skip
        fi
     :: else -> skip
     fi;
     if
     :: entry[k] != NONE ->
        entry[k]--;
        if
        :: entry[k] <= -WINDOW -> entry[k] = NONE
        :: else -> skip
        fi
     :: else -> skip
     fi;
     if
     :: gone[k] < WINDOW -> gone[k]++
     :: else -> skip
     fi;
     departures = departures + (gone[k] < WINDOW);
     k++
  :: else -> break
  od;
  if
  :: since < WINDOW + REACH -> since++
  :: else -> skip
  fi
}

active proctype limiter() {
  byte k, slot, taken, outstanding;
  short ahead;
  bool free;
  d_step {
    k = 0;
    do
    :: k < PERMITS -> entry[k] = NONE; gone[k] = WINDOW; k++
    :: else -> break
    od
  }
end:
  do
  :: atomic { tick(); k = 0; slot = 0; taken = 0; outstanding = 0; ahead = 0; free = false }
  :: atomic { place(); k = 0; slot = 0; taken = 0; outstanding = 0; ahead = 0; free = false }
  :: atomic { /* a call leaves, and perhaps that is noted */
       select(slot : 0 .. PERMITS - 1);
       if
       :: used[slot] && due[slot] <= 0 ->
          used[slot] = false; due[slot] = 0; gone[slot] = 0; departures++;
          assert(departures <= MOST);
          if
          :: entry[slot] != NONE -> entry[slot] = 0
          :: skip /* the note is lost */
          fi
       :: else -> skip
       fi;
       slot = 0
     }
  :: atomic { /* given back, or its process dies and the entry stays */
       select(slot : 0 .. PERMITS - 1);
       if
       :: used[slot] -> used[slot] = false; due[slot] = 0;
          if
          :: entry[slot] = NONE
          :: skip
          fi
       :: else -> skip
       fi;
       slot = 0
     }
  :: atomic { /* the log is lost */
       k = 0;
       do
       :: k < PERMITS -> entry[k] = NONE; k++
       :: else -> break
       od;
       k = 0; since = 0
     }
  od
}
