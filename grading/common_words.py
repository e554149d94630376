"""English words that say nothing about a subject: how a passage is told from one that speaks of the case."""

COMMON_WORDS = frozenset(
    """
    a able about above actually after again against ago agree ah all almost alone along already also although always
    am among an and another any anybody anyone anything anyway are aren't around as ask asked asking at away back bad
    be because been before began begin behind being believe below beside best better between big bit both bring but by
    call came can can't cannot case cause certain clear clearly come comes coming could couldn't cut day days dear
    decide did didn't different do does doesn't doing don't done down during each early either else end enough
    especially etc even ever every everybody everyone everything exactly example fact fair far feel few fine finally
    find first five follow following for found four from full fully further gave get gets getting give given gives
    giving go goes going gone good got great had half hand happen happened happens hard has have haven't having he
    hello help her here hers hi him himself his hm hold how however i i'd i'll i'm i've idea if important in indeed
    instead into is isn't it it's its itself just keep kept kind knew know known knows last late later least left less
    let let's like likely little long look looked looking looks lot made main make makes making many matter may maybe
    me mean means might mind mine moment moments more most mostly much must my myself name named need needs never new
    next nice no nobody none nor not nothing now of off often oh ok okay old on once one ones only or other others our
    ours out over own part particular perhaps person pick picked picks place play please point possible probably
    problem put question quite rather read reading really reason reasons right said same saw say saying says second
    see seem seems seen sense set several shall she should shouldn't show shown shows side simple simply since six
    small so some somebody someone something sometimes sorry sort speak start started state still stop such sure take
    taken takes taking talk tell ten than thank thanks that that's the their theirs them themselves then there
    therefore these they thing things think this those though thought three through thus till time times to today
    together told too took towards tried true truly try trying turn turned two under understand until up upon us use
    used useful uses using usually very want wanted wants was wasn't way ways we well went were what what's whatever
    when where whether which while who whole whom whose why will with within without won't word words work works would
    wouldn't write writing written wrong yeah yes yet you you're your yours yourself seven eight nine zero ourselves
    thinking answer answers answered line lines short shorter file files matters coming ready understood agreed
    perhaps bit choose chosen chose names step steps evidence claim claims position statement statements conversation
    reply replies response responses sentence sentences text message messages partner consultant student students
    one's
    """.split()  # noqa: SIM905 - a text is easier to keep in order than 400 quoted words
)

FUNCTION_WORDS = frozenset(
    """
    a an the and or but nor so yet if because since while although though as than that which who whom whose what when
    where why how i you he she it we they me him her us them my your his its our their this these those there here is
    am are was were be been being do does did have has had will would can could may might shall should must not no to
    of in on at by for with from into over under after before between through about against without within up down out
    off it's i'd i'll i'm i've that's don't doesn't isn't can't won't just only also then thats dont isnt cant wont im
    """.split()  # noqa: SIM905 - likewise
)
