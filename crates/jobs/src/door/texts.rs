//! What the door says, in every language of the house.

use types::Text;

macro_rules! texts {
    ($($name:ident = $code:literal, $en:literal, $uk:literal, $ru:literal;)*) => {
        $(pub const $name: Text = Text { code: $code, en: $en, uk: $uk, ru: $ru };)*
    };
}

texts! {
    NOT_FOUND = "job_not_found", "Job not found", "Завдання черги не знайдено", "Задание очереди не найдено";
    UNKNOWN_KIND = "unknown_kind", "there is no such kind; there are {}", "такого виду немає; є {}", "такого вида нет; есть {}";
    BAD_KINDS = "bad_query", "The query cannot be understood: kind is some of {}, with commas between", "Параметри запиту неможливо зрозуміти: kind — це щось із {} через кому", "Параметры запроса невозможно понять: kind — это что-то из {} через запятую";
    BAD_STATES = "bad_query", "The query cannot be understood: state is some of {}, with commas between", "Параметри запиту неможливо зрозуміти: state — це щось із {} через кому", "Параметры запроса невозможно понять: state — это что-то из {} через запятую";
    BAD_TRIES = "bad_state", "this is dead or cancelled", "це dead або cancelled", "это dead или cancelled";
    BAD_PRIORITY = "bad_priority", "this is high or normal", "це high або normal", "это high или normal";
    NOT_AN_OBJECT = "not_an_object", "this must be a JSON object", "це має бути об'єкт JSON", "это должен быть объект JSON";
    TOO_LARGE = "payload_too_large", "this may have at most {} bytes", "тут може бути не більше {} байтів", "здесь может быть не больше {} байт";
    NO_QUEUES = "no_queues", "only jobs of the kind external have a queue", "черга є лише в завдань виду external", "очередь есть только у заданий вида external";
    BAD_QUEUE = "bad_queue", "this is 1 to 40 of the characters a-z, 0-9, _ and -", "це від 1 до 40 символів a-z, 0-9, _ та -", "это от 1 до 40 символов a-z, 0-9, _ и -";
    BAD_ATTEMPTS = "bad_attempts", "this is 1 to {}", "це від 1 до {}", "это от 1 до {}";
    BAD_DELAY = "bad_delay", "this is a number of seconds, up to a year", "це кількість секунд, не більше року", "это число секунд, не больше года";
    BOTH_TIMES = "both_times", "give run_at or delay, not both", "вкажіть run_at або delay, а не обидва", "укажите run_at или delay, а не оба";
    TOO_FAR = "too_far", "this is at most a year ahead", "це не пізніше ніж за рік", "это не позже чем через год";
    TOO_MANY_ITEMS = "too_many_items", "at most {} at once", "не більше {} за один раз", "не больше {} за один раз";
    TOO_MUCH_FOR_A_KEY = "too_much_for_a_key", "this is too much for one Idempotency-Key; send fewer at once", "це забагато для одного Idempotency-Key; надішліть менше за один раз", "это слишком много для одного Idempotency-Key; пришлите меньше за один раз";
    OVER = "job_over", "The job is over and cannot be cancelled", "Завдання вже завершено, його не можна скасувати", "Задание уже завершено, его нельзя отменить";
    NOT_OVER = "job_not_over", "Only a job that is dead or cancelled can be tried again", "Повторити можна лише завдання, що не вдалося або скасоване", "Повторить можно только неудавшееся или отменённое задание";
    KEY_TAKEN = "job_key_taken", "Another open job has the key of this one", "Ключ цього завдання має інше відкрите завдання", "Ключ этого задания у другого открытого задания";
    NOT_DUE = "not_due", "It is not due until {}", "Його час настане {}", "Его время настанет {}";
    RESTS = "rests", "It was tried {} times and rests until {}", "Спроб: {}; наступна — {}", "Попыток: {}; следующая — {}";
    FOR_YOUR_WORKERS = "for_your_workers", "It waits for a worker of yours to take it from the queue {}", "Воно чекає, доки ваш виконавець візьме його з черги {}", "Оно ждёт, пока ваш исполнитель возьмёт его из очереди {}";
    NOBODY_ASKS_MINUTES = "nobody_asks", "No worker of yours has asked for jobs of this queue for {} minutes", "Жоден ваш виконавець не запитував завдань цієї черги вже {} хв", "Ни один ваш исполнитель не запрашивал задания этой очереди уже {} мин";
    NOBODY_ASKS_HOURS = "nobody_asks", "No worker of yours has asked for jobs of this queue for {} hours", "Жоден ваш виконавець не запитував завдань цієї черги вже {} год", "Ни один ваш исполнитель не запрашивал задания этой очереди уже {} ч";
    NOBODY_ASKS_DAYS = "nobody_asks", "No worker of yours has asked for jobs of this queue for {} days", "Жоден ваш виконавець не запитував завдань цієї черги вже {} дн.", "Ни один ваш исполнитель не запрашивал задания этой очереди уже {} дн.";
    NOBODY_ASKED = "nobody_asks", "No worker of yours has asked for jobs of this queue, at least not in the last {} days", "Жоден ваш виконавець не запитував завдань цієї черги, принаймні за останні {} днів", "Ни один ваш исполнитель не запрашивал задания этой очереди, по крайней мере за последние {} дней";
    WORKERS_ARE_BUSY = "your_workers_are_busy", "Your workers have not asked for more lately; jobs of this queue that they have: {}", "Ваші виконавці давно не запитували нових; завдань цієї черги в них: {}", "Ваши исполнители давно не запрашивали новых; заданий этой очереди у них: {}";
    NOBODY_DOES_IT = "nobody_does_it", "No process that does jobs of this kind is at work", "Жоден процес, що виконує завдання цього виду, не працює", "Ни один процесс, выполняющий задания этого вида, не работает";
    NO_ROOM = "no_room", "All who do jobs of this kind are busy: {} of {} places are taken", "Усі, хто виконує завдання цього виду, зайняті: {} з {} місць", "Все, кто выполняет задания этого вида, заняты: {} из {} мест";
    LIMIT = "limit_reached", "{} of {} jobs of this kind are at work, and no more may be at once", "Виконується {} з {} завдань цього виду, більше водночас не можна", "Выполняется {} из {} заданий этого вида, больше одновременно нельзя";
    BEHIND = "behind_others", "Jobs before it: {}", "Завдань перед ним: {}", "Заданий перед ним: {}";
    BEHIND_AT_LEAST = "behind_others", "Jobs before it: {} or more", "Завдань перед ним: {} або більше", "Заданий перед ним: {} или больше";
    NEXT = "next", "It is the next to be taken", "Його візьмуть наступним", "Его возьмут следующим";
    AT_WORK = "at_work", "It is at work since {}, in process {}", "Виконується з {}, у процесі {}", "Выполняется с {}, в процессе {}";
    AT_WORK_OUTSIDE = "at_work", "It is at work since {}, at a worker outside", "Виконується з {}, у зовнішнього виконавця", "Выполняется с {}, у внешнего исполнителя";
    LETTING_GO = "letting_go", "It was called off and is being let go of", "Його скасовано, виконання зупиняється", "Его отменили, выполнение останавливается";
    DONE = "done", "It is done", "Виконано", "Выполнено";
    DEAD = "dead", "It failed for good in attempt {}; it can be tried again by hand", "Не вдалося остаточно, спроба {}; можна повторити вручну", "Не удалось окончательно, попытка {}; можно повторить вручную";
    NO_SCHEDULE = "schedule_not_found", "Schedule not found", "Розклад не знайдено", "Расписание не найдено";
    TOO_MANY_SCHEDULES = "too_many_schedules", "You have as many schedules as one person may have", "У вас уже стільки розкладів, скільки може мати одна людина", "У вас уже столько расписаний, сколько может быть у одного человека";
    BAD_MISSED = "bad_missed", "this is skip, once or all", "це skip, once або all", "это skip, once или all";
    TOO_OFTEN = "too_often", "this is due more often than once a minute", "це частіше ніж раз на хвилину", "это чаще чем раз в минуту";
    CALLED_OFF = "called_off", "Somebody called it off", "Його скасовано", "Его отменили";
}
