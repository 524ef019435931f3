// Command blocks writes a Prometheus database with a synthetic history of many hosts.
//
// Every host has the series of a metrics page. Counters grow to the values of the page, in steps at random times; one in
// ten is born within the range. Gauges stay at their values.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"log"
	"log/slog"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

const (
	block       = 12 * 3600 * 1000 // milliseconds
	stepPercent = 4                // of all samples, those at which a counter grows
	bornOneIn   = 10               // of all counters, those that are born within the range
)

var (
	sample  = regexp.MustCompile(`^(\w+)(?:\{(.*)\})? (\S+)`)
	label   = regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)
	counter = regexp.MustCompile(`_(total|bucket|count|sum)$`)
)

type series struct {
	labels     labels.Labels
	ref        storage.SeriesRef
	final      float64
	counter    bool
	whole      bool
	random     uint64
	steps, all float64 // so far, and in the whole range
	birth      int64
}

func main() {
	directory := flag.String("output", "", "directory of the database")
	end := flag.Int64("end", 0, "time of the last sample, in seconds")
	seconds := flag.Int64("seconds", 0, "length of the range")
	interval := flag.Int64("interval", 15, "seconds between two scrapes")
	flag.Parse()
	last, step := *end*1000, *interval*1000
	first := last - *seconds*1000
	var all []*series
	for _, target := range flag.Args() { // JOB=INSTANCE=PAGE
		part := strings.SplitN(target, "=", 3)
		all = append(all, read(part[0], part[1], part[2], first, last, step)...)
	}
	samples := 0
	for from := first - first%block; from <= last; from += block {
		samples += write(*directory, all, max(from, first), min(from+block-1, last), step)
	}
	fmt.Printf("%d %d\n", len(all), samples)
}

// read returns the series of a target, with the values of a metrics page in text format at the end of the range.
func read(job, instance, page string, first, last, step int64) []*series {
	file, err := os.Open(page)
	check(err)
	defer file.Close()
	found := []*series{{labels: labels.FromStrings("__name__", "up", "job", job, "instance", instance), final: 1}}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		match := sample.FindStringSubmatch(lines.Text())
		if match == nil {
			continue
		}
		value, err := strconv.ParseFloat(match[3], 64)
		check(err)
		pairs := []string{"__name__", match[1], "job", job, "instance", instance}
		for _, pair := range label.FindAllStringSubmatch(match[2], -1) {
			pairs = append(pairs, pair[1], pair[2])
		}
		found = append(found, newSeries(labels.FromStrings(pairs...), value, match[1], first, last, step))
	}
	check(lines.Err())
	return found
}

func newSeries(of labels.Labels, value float64, name string, first, last, step int64) *series {
	hash := fnv.New64a()
	hash.Write([]byte(of.String()))
	one := &series{labels: of, final: value, random: hash.Sum64() | 1, whole: value == math.Trunc(value)}
	one.counter = counter.MatchString(name)
	one.all = float64((last-first)/step) * stepPercent / 100
	if one.counter && one.next()%bornOneIn == 0 {
		one.birth = first + int64(one.next()%uint64(last-first))
	}
	return one
}

// next is a step of xorshift64.
func (s *series) next() uint64 {
	s.random ^= s.random << 13
	s.random ^= s.random >> 7
	s.random ^= s.random << 17
	return s.random
}

func (s *series) value() float64 {
	if !s.counter {
		return s.final
	}
	if s.next()%100 < stepPercent {
		s.steps++
	}
	value := s.final * s.steps / s.all
	if s.whole {
		return math.Floor(value)
	}
	return value
}

// write writes one block and returns the number of samples.
func write(directory string, all []*series, from, to, step int64) int {
	ctx := context.Background()
	writer, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), directory, block)
	check(err)
	written := 0
	for _, one := range all {
		one.ref = 0
	}
	for at := from - from%step; at <= to; at += step {
		if at < from {
			continue
		}
		appender := writer.Appender(ctx)
		for _, one := range all {
			if at < one.birth {
				continue
			}
			one.ref, err = appender.Append(one.ref, one.labels, at, one.value())
			check(err)
			written++
		}
		check(appender.Commit())
	}
	_, err = writer.Flush(ctx)
	check(err)
	check(writer.Close())
	return written
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
